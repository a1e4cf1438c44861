"""A released stage, and `ops rightsize` on a fake of its function."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.__main__ import main
from ops.tools import Tools
from tests.integration.ops.conftest import NOW
from tests.integration.ops.formation import ACCOUNT
from tests.integration.ops.rightsize.function import Function

REGION = SimpleNamespace(region_name="us-east-1")
#: The calls that every command makes first.
OTHERS = {
    "dynamodb": SimpleNamespace(meta=REGION),
    "sts": SimpleNamespace(get_caller_identity=lambda: {"Account": ACCOUNT}),
}


@dataclass
class Desk:
    """The stage `dev`, released with 1024 MB, and the printed lines."""

    function: Function
    project: Path
    now: datetime = NOW
    lines: list[str] = field(default_factory=list)

    def run(self, *arguments: str) -> int:
        tools = Tools(
            self._client, self.lines.append, lambda: self.now, self._sleep, project=self.project
        )
        return main(["rightsize", "--stage", "dev", *arguments], tools)

    def _client(self, service: str, region: str | None = None, /) -> Any:
        return {**OTHERS, "lambda": self.function}[service]

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def about(self, start: str) -> list[str]:
        return [line for line in self.lines if line.startswith(start)]


@pytest.fixture
def desk(project: Path) -> Desk:
    file = project / ".chalice" / "config.json"
    config = json.loads(file.read_text())
    config |= {"lambda_memory_size": 1024, "lambda_architecture": "arm64"}
    file.write_text(json.dumps(config))
    return Desk(Function(), project)
