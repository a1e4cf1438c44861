"""The certificate authorities that a connection to DynamoDB trusts."""

import os
import ssl
from collections.abc import Callable
from functools import cache, partial

# The SDK's list, as a directory of which OpenSSL reads the one file that it needs
# (`infra/function/authorities.py`). Reading the whole list takes longer than importing Chalice.
PACKAGED = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "authorities")


def contexts() -> list[Callable[[], ssl.SSLContext]]:
    """Return functions that create the contexts to verify the host with, the first one first.

    `AWS_CA_BUNDLE` names a file or a directory, which then is the only one. Otherwise the packaged
    list comes first, and the runtime's own list second: an authority that is newer than the package
    must not stop the service.
    """
    bundle = os.environ.get("AWS_CA_BUNDLE")
    if bundle:
        return [partial(_context, bundle)]
    places = [PACKAGED, None] if os.path.isdir(PACKAGED) else [None]
    return [partial(_context, place) for place in places]


@cache
def _context(place: str | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if place is None:
        context.set_default_verify_paths()
    elif os.path.isdir(place):
        context.load_verify_locations(capath=place)
    else:
        context.load_verify_locations(cafile=place)
    return context
