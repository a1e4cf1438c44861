"""The pauses between polls."""

import time
from itertools import islice

import pytest

from infra.cloudformation.polling import polls


def test_pauses_double_up_to_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    assert len(list(islice(polls(), 8))) == 8
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
