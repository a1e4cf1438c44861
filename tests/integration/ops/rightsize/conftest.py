"""A released stage, and somebody on duty."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from ops.tools import Tools
from tests.integration.ops.conftest import NOW
from tests.integration.ops.rightsize.function import Function


@dataclass
class Desk:
    """The stage `dev`, released with 1024 MB, and somebody on duty."""

    function: Function
    project: Path
    now: datetime = NOW
    said: list[str] = field(default_factory=list)

    def run(self, *arguments: str) -> int:
        tools = Tools(
            self._client, self.said.append, lambda: self.now, self._sleep, project=self.project
        )
        return main(["rightsize", "--stage", "dev", *arguments], tools)

    def _client(self, service: str, region: str | None = None, /) -> Any:
        assert service == "lambda", "no other service is needed"
        return self.function

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def about(self, start: str) -> list[str]:
        return [line for line in self.said if line.startswith(start)]


@pytest.fixture
def desk(project: Path) -> Desk:
    file = project / ".chalice" / "config.json"
    config = json.loads(file.read_text())
    config |= {"lambda_memory_size": 1024, "lambda_architecture": "arm64"}
    file.write_text(json.dumps(config))
    return Desk(Function(), project)
