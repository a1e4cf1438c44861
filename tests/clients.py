"""Pass fakes where the product expects a typed client of AWS."""

from typing import Any

from botocore.exceptions import ClientError


def as_client(fake: object) -> Any:
    """Return the fake itself, as any client.

    mypy checks that the product calls operations of AWS. A fake has only those that its test needs.
    """
    return fake


def clients_of(fakes: dict[str, Any]) -> Any:
    """Return an `infra.aws.ClientOf` of fakes by service. It raises `KeyError` for others."""
    return lambda service, region=None, /: fakes[service]


def client_error(code: str, message: str = "no", operation: str = "x") -> ClientError:
    """Return an error response of AWS."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)
