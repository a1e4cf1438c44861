"""What pages of other origins may send and read. Our own page shares the API's origin.

The gateway's own errors and `chalice local` use this too, so that a page can read every answer.
"""

from chalice.app import CORSConfig

CORRELATION_ID = "X-Correlation-Id"

CORS = CORSConfig(
    allow_headers=["If-Match", "If-None-Match", CORRELATION_ID],
    expose_headers=["ETag", "Location", "Retry-After", CORRELATION_ID],
    max_age=600,
)

HEADERS = CORS.get_access_control_headers()
