"""The local cloud's processes and ports."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.cloud import Cloud
from local.home import Home, LocalError
from tests.dynamodb_local import free_port
from tests.e2e.conftest import TokenOf


def _listening(pid: int) -> Iterator[str]:
    """The addresses, as the kernel writes them, on which a process listens."""
    sockets = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        target = str(descriptor.readlink()) if descriptor.is_symlink() else ""
        sockets.add(target.removeprefix("socket:[").rstrip("]"))
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in sockets:
                yield fields[1]


@pytest.mark.skipif(not Path("/proc/self/net").exists(), reason="asks Linux's /proc")
def test_it_listens_on_loopback_only(cloud: Cloud) -> None:
    group = json.loads(cloud.home.state_lock.read_text())["group"]
    shown = subprocess.run(["ps", "-A", "-o", "pid=,pgid="], capture_output=True, text=True)
    pids = [int(pid) for pid, of in map(str.split, shown.stdout.splitlines()) if int(of) == group]
    addresses = [address for pid in pids for address in _listening(pid)]
    assert addresses == [f"0100007F:{cloud.port:04X}"]


def test_a_home_has_one_cloud_at_a_time(cloud: Cloud) -> None:
    second = Cloud(cloud.home, free_port(), keep=False, report=lambda _: None)
    expected = rf"already running here, on port {cloud.port}: .* `kill {os.getpid()}`"
    with pytest.raises(LocalError, match=expected):
        second.start()


def test_state_survives_a_stop(tmp_path: Path) -> None:
    """After a kill: test_run.py."""
    for existing in ([], ["kept"]):
        with Cloud(Home(tmp_path), free_port(), keep=True, report=lambda _: None) as cloud:
            storage = cloud.client("s3")
            assert [bucket["Name"] for bucket in storage.list_buckets()["Buckets"]] == existing
            storage.create_bucket(Bucket="kept")


def test_functions_are_unpacked_in_the_home(
    stack: dict[str, Any], cloud: Cloud, token_of: TokenOf
) -> None:
    """Create a directory outside /tmp, because some computers forbid execution there."""
    headers = {"Authorization": f"Bearer {token_of('alice')}"}
    assert httpx.get(f"{stack['api_url']}/items", headers=headers).status_code == 200
    assert list(cloud.home.scratch.glob("ministack-lambda-*/code/app.py*"))
