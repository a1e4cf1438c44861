"""CORS: the headers that pages of other origins may send and read. Our page shares our origin.

The gateway's own errors and `chalice local` use this too, so that a page can read every response.
"""

from functools import cached_property

from chalice.app import CORSConfig

CORRELATION_ID = "X-Correlation-Id"


class _Unchanging(CORSConfig):
    """A configuration that joins its headers once, not for each response."""

    @cached_property
    def _headers(self) -> dict[str, str]:
        return super().get_access_control_headers()

    def get_access_control_headers(self) -> dict[str, str]:
        return self._headers


CORS = _Unchanging(
    allow_headers=["If-Match", "If-None-Match", CORRELATION_ID],
    expose_headers=["ETag", "Location", "Retry-After", CORRELATION_ID],
    max_age=600,
)

HEADERS = CORS.get_access_control_headers()
