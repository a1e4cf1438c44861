"""gunicorn's settings: https://docs.gunicorn.org/en/stable/settings.html. The rest is default."""

import os

from gunicorn import util

from serverful.application import longest_request, stage_config
from serverful.wsgi import write_problem

wsgi_app = "serverful.application:create()"
bind = os.environ.get("BIND", "127.0.0.1:8080")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
# Threads send and receive. A worker's application processes one request at a time.
threads = 8
# One copy of the code for all workers. A wrong setting ends the container at once.
preload_app = True
# The longest header that an Application Load Balancer sends, and gunicorn's longest request line.
limit_request_field_size = 16_384
limit_request_line = 8_190
# Longer than a load balancer keeps an idle connection (60 s), which would lose a request otherwise.
keepalive = 75
# After SIGTERM, the time for the requests in progress.
graceful_timeout = int(longest_request(stage_config()))
# gunicorn has no control endpoint, and keeps its heartbeat in memory.
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - shared memory, not a file

util.write_error = write_problem
