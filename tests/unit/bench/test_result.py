"""The benchmark's limits for our candidate."""

from collections import Counter
from collections.abc import Callable

import pytest

from bench.function.result import Result

Measured = Callable[..., Result]


def test_ratios_and_medians(measured: Measured) -> None:
    result = measured()
    assert result.ratio("ours", "cold").median == 0.18
    assert result.ratio("ours", "cold_cpu").median == 0.18
    assert result.ratio("ours", "plain").median == 0.25  # to the bare handler that is compiled
    assert result.ratio("fastapi", "get", to="powertools").median == pytest.approx(1.3 / 1.2)
    assert result.median("fastapi", "get") == 1.3
    assert result.starts("fastapi") == (200.0, 20.0, 2.0)
    assert result.first_to_second("l0").median == 10.0


def test_result_within_limits_has_no_complaint(measured: Measured) -> None:
    assert measured().complaints() == []


@pytest.mark.parametrize(
    ("figures", "complaint"),
    [
        ({"ours": (17.0, 4.0, 2.0, 0.2)}, "cold start: 0.210, more than the limit 0.20"),
        ({"ours": (12.0, 7.0, 2.0, 0.2)}, "first GET: 3.5 times the second, more than the limit 3"),
        ({"ours": (14.0, 4.0, 2.0, 0.25)}, "list of 25: 0.250, more than the limit 0.23"),
        ({"powertools": (8.0, 10.0, 2.0, 1.2)}, "cold start: not ahead of powertools"),
    ],
)
def test_each_limit(
    measured: Measured, figures: dict[str, tuple[float, ...]], complaint: str
) -> None:
    assert measured(**figures).complaints() == [complaint]


def test_unmeasured_peers_are_not_compared(measured: Measured) -> None:
    result = measured()
    few = [{name: block[name] for name in ("ours", "l0")} for block in result.warm]
    assert Result(result.cold, few).complaints() == []


def test_several_at_once(measured: Measured) -> None:
    said = measured(ours=(14.0, 4.0, 2.0, 1.15)).complaints()
    # The limit, and two peers.
    counted = Counter(each.partition(":")[0] for each in said)
    assert counted == {"GET": 3, "list of 25": 3, "PUT": 3}
    assert "GET: not ahead of chalice_boto3" in said
