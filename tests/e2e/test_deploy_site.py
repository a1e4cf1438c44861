"""`deploy_site.py` as a process of its own, on the local cloud."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.site.manifest import MANIFEST_KEY
from infra.stage import PROJECT
from local.cloud import REGION, Cloud
from tests.integration.site.sites import V1, V2, assets_of, write
from tests.templates import SITE_STACK

MANY = {f"assets/part-{n:08x}.js": f"part {n}" for n in range(60)}


@dataclass
class Site:
    """The site of stage `local` in a cloud of which only this is known."""

    cloud: Cloud
    home: Path
    bucket: str

    def command(self, source: Path, *arguments: str) -> list[str]:
        program = [sys.executable, "deploy_site.py", "--stage", "local"]
        return [*program, *arguments] if "--rollback" in arguments else [
            *program, "--source", str(source), *arguments
        ]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "LOCAL_HOME": str(self.home)}

    def deploy(self, source: Path, *arguments: str) -> dict[str, Any]:
        result = subprocess.run(
            self.command(source, "--json", *arguments),
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == 0, result.stderr
        summary: dict[str, Any] = json.loads(result.stdout)
        return summary
