"""The end-to-end test that docs/testing.md offers for copying, on the tests' own local cloud."""

from pathlib import Path
from typing import Any

from local.cloud import Cloud
from tests.documentation import run_documented
from tests.integration.test_documentation import END_TO_END


def test_documented_test_passes(tmp_path: Path, cloud: Cloud, stack: dict[str, Any]) -> None:
    assert cloud.home.stack() == stack
    output = run_documented(tmp_path, END_TO_END, LOCAL_HOME=str(cloud.home.directory))
    assert "2 passed" in output
