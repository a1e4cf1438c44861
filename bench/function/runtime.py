"""Work like Lambda's runtime, with a clock: import the handler, then pass it one event at a time.

It runs in a separate interpreter, and imports only modules that Lambda's runtime imports before the
function, because the function does not pay for loaded modules. The arguments are the handler, the
file for its output, and the directories of `sys.path` before the standard library's. Each line on
standard input is `{"event": "<JSON>", "times": n}`. Each line on standard output is the duration in
nanoseconds, first of the import, and the last response.
"""

import importlib
import json
import logging
import os
import sys
import time
from typing import Any


class Unbuffered:
    """As Lambda's runtime has standard output: each write is written."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class LoggerHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        sys.stdout.write(self.format(record))


class Context:
    """The part of the invocation's context that functions read."""

    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
    log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
    invoked_function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function_name}:live"
    aws_request_id = "0d6a2a84-5c6f-4b0e-9f0e-1f6f7c1a2b3c"
    client_context = identity = None

    def __init__(self, timeout: float = 10.0) -> None:
        self._until = time.time() + timeout

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._until - time.time()) * 1000))


def main() -> None:
    handler, output, *path = sys.argv[1:]
    sys.path[:0] = path
    commands, answers = sys.stdin, os.fdopen(os.dup(1), "w")
    os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
    sys.stdout = Unbuffered(sys.stdout)
    log = LoggerHandler()
    log.setFormatter(logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(message)s\n"))
    logging.getLogger().addHandler(log)

    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    module, _, name = handler.partition(".")
    function = getattr(importlib.import_module(module), name)
    took = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
    print(json.dumps(took), file=answers, flush=True)

    for line in commands:
        command = json.loads(line)
        event, times, answer = command["event"], command["times"], ""
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        for _ in range(times):
            answer = json.dumps(function(json.loads(event), Context()))
        took = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
        print(json.dumps([*took, answer]), file=answers, flush=True)


if __name__ == "__main__":
    main()
