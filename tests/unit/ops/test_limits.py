"""What breaks first, by rates that are worked out by hand."""

from dataclasses import replace

import pytest

from ops.limits import Mix, Quotas, defaults, limits, step

QUOTAS = Quotas(reads=200, writes=100)
MIX = Mix(writes=0.2, seconds=0.03)


def rates(quotas: Quotas, mix: Mix = MIX) -> dict[str, float]:
    return {limit.name: limit.rate for limit in limits(quotas, mix)}


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("our throttle of reads", 200 / 0.8),
        ("our throttle of writes", 100 / 0.2),
        ("Lambda's requests", 10 * 1000),
        ("Lambda's concurrency", 1000 / 0.03),
        ("API Gateway", 10_000),
        ("Cognito's tokens", 120 * 900 / 10),
        ("the firewall", 100_000),
        ("one owner's partition of the index, if one sends all", 1000 / 0.2),
        ("reads that the table is warm for", 12_000 / 0.6),
        ("writes that the table is warm for", 4_000 / 0.2),
        ("reads that the index is warm for", 12_000 / 0.2),
        ("writes that the index is warm for", 4_000 / 0.2),
        ("the quota of a table's reads", 40_000 / 0.6),
        ("the quota of a table's writes", 40_000 / 0.2),
    ],
)
def test_limit_is_reached_at_its_rate(name: str, rate: float) -> None:
    assert rates(QUOTAS)[name] == pytest.approx(rate)


def test_limits_come_in_their_order() -> None:
    found = [limit.rate for limit in limits(QUOTAS, MIX)]
    assert found == sorted(found)
    assert limits(QUOTAS, MIX)[0].name == "our throttle of reads"


def test_new_account_breaks_at_lambdas_hundred_a_second() -> None:
    first = limits(replace(QUOTAS, concurrency=10), MIX)[0]
    assert (first.name, first.rate) == ("Lambda's requests", 100)
    assert "L-B99A9384" in first.do


def test_slow_requests_reach_the_concurrency_before_the_rate() -> None:
    found = rates(QUOTAS, replace(MIX, seconds=0.2))
    assert found["Lambda's concurrency"] == 5_000 < found["Lambda's requests"]


def test_mix_without_writes_never_reaches_their_limits() -> None:
    mix = Mix(writes=0, table_writes=0, index_writes=0)
    assert rates(QUOTAS, mix)["our throttle of writes"] == float("inf")


def test_defaults_have_the_throttles_of_the_template() -> None:
    assert (defaults().reads, defaults().writes) == (200, 100)


@pytest.mark.parametrize(
    ("rate", "seconds", "refused", "minutes"),
    [
        # A function takes 10,000 a second more each 10 seconds; the table is warm for 20,000.
        (10_000, 0, 0, 0),
        (20_000, 10, 100_000, 0),
        (50_000, 40, (40 + 30 + 20 + 10) * 10_000, 60),
        (100_000, 90, 45 * 100_000, 90),
    ],
)
def test_step_refuses_until_lambda_has_grown(
    rate: float, seconds: int, refused: float, minutes: int
) -> None:
    assert step(rate, QUOTAS, MIX) == (seconds, refused, minutes)
