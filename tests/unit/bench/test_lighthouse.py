"""The benchmark of the page's quality."""

from typing import Any

import pytest

from bench.lighthouse.__main__ import check_scores
from tools.errors import CommandError


def run_on(device: str, performance: float | None) -> dict[str, Any]:
    scores = {"performance": performance, "accessibility": 1}
    return {"signedIn": False, "device": device, "scores": scores}


def test_missing_score_is_an_error() -> None:
    check_scores([run_on("phone", 0.0), run_on("desktop", 1)])
    with pytest.raises(CommandError, match="did not score signed out, phone: run this again"):
        check_scores([run_on("phone", None), run_on("desktop", 1)])
