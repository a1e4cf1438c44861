"""Start ministack with Cognito's revocation endpoint, which it has as an API operation only.

A script for the emulator's Python environment, which cannot import the project.
"""

from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

_cognito: Any = import_module("ministack.services.cognito")
_handle_request = _cognito.handle_request


async def _with_revocation(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Any:
    """Forward `POST /oauth2/revoke` to RevokeToken, and every other request as it is."""
    if (method, path) != ("POST", "/oauth2/revoke"):
        return await _handle_request(method, path, headers, body, query)
    form = parse_qs(body.decode())
    parameters = {"Token": form.get("token", [""])[0], "ClientId": form.get("client_id", [""])[0]}
    return await _cognito._dispatch_idp("RevokeToken", parameters)


if __name__ == "__main__":
    _cognito.handle_request = _with_revocation
    import_module("ministack.app").main()
