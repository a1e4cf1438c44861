"""`.venv/bin/python -m ops rightsize`: its calls, and its output."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.ops.rightsize.conftest import REGION, Desk
from tests.integration.ops.rightsize.function import Function


def test_each_size_is_set_invoked_and_undone(desk: Desk) -> None:
    assert desk.run("--sizes", "512,256,1792,256", "--invocations", "50") == 0
    assert desk.function.configured == [256, 512, 1792, 1024]
    # Rounded up from 50 to whole lives of items.
    assert desk.function.measured == [256] * 52 + [512] * 52 + [1792] * 52
    life = [("PUT", "/items"), ("GET", "/items/{id}"), ("GET", "/items"), ("DELETE", "/items/{id}")]
    assert desk.function.invocations() == life * (3 * 13)
    assert desk.function.items == set()
    assert desk.function.memory == 1024
    assert len(desk.about("256 MB: 52 invocations")) == 1


def test_default_sizes_are_measured(desk: Desk) -> None:
    assert desk.run() == 0
    assert desk.function.configured == [256, 512, 768, 1024, 1536, 1792, 3008, 1024]
    assert len(desk.function.measured) == 7 * 52


def test_output_has_table_and_recommendation(desk: Desk) -> None:
    assert desk.run() == 0
    (header, *rows) = desk.lines[desk.lines.index("") + 1 :][:8]
    assert header.split() == [
        *("MB", "vCPU", "warm", "typical", "p50", "p90", "p99", "cold", "p50", "cold", "failed"),
        *("MB", "used", "USD/million"),
    ]
    # 31.6 ms at 256 MB are 7.9 GB-ms: 32 ms billed cost 0.107 USD a million, and requests 0.20.
    expected = ["256", "0.14", "51", "31.6", "31.6", "31.6", "31.6", "1", "431.6", "0", "97"]
    assert rows[0].split() == [*expected, "0.307"]
    assert [row.split()[0] for row in rows] == ["256", "512", "768", "1024", "1536", "1792", "3008"]
    assert "CPU comes with memory: 1,769 MB are one vCPU." in desk.lines
    assert desk.about("cheapest: 256 MB, 31.6 ms")
    assert desk.about("fastest: 1792 MB, 8.0 ms")
    assert desk.about("recommended: 1792 MB, 8.0 ms")
    (warning,) = desk.about("warning: ")
    assert "stage dev has 1024 MB" in warning
    assert '"lambda_memory_size": 1792 into config.json, a literal' in warning
    assert warning.endswith("then: make release STAGE=dev")


@pytest.mark.parametrize(
    ("tried", "best", "reason"),
    [
        ("1792", 1792, "the only size that can be judged"),
        ("1792,3008", 1792, "more memory adds more to the cost, in per cent, than it takes off"),
        ("256,512", 512, "than it adds to the cost; larger sizes may, too (--sizes)"),
        ("256,1792,3008", 1792, "than it adds to the cost; beyond, it does not"),
    ],
)
def test_recommendation_has_a_reason(desk: Desk, tried: str, best: int, reason: str) -> None:
    assert desk.run("--sizes", tried) == 0
    (line,) = desk.about(f"recommended: {best} MB")
    assert reason in line


def test_current_size_needs_no_change(desk: Desk) -> None:
    assert desk.run("--sizes", "1024,3008") == 0
    assert desk.lines[-1] == "stage dev has this size already"
    assert desk.about("warning") == []


def test_cost_follows_price_and_architecture(desk: Desk) -> None:
    assert desk.run("--sizes", "1024", "--price-gb-second", "0.001") == 0
    # 11 ms, billed, of 1 GB at a thousandth of a dollar: 11 dollars a million.
    assert desk.about("cheapest: 1024 MB, 10.9 ms, 11.200 USD")
    intel = _report_intel(desk.function)
    desk.function.get_function_configuration = intel  # type: ignore[method-assign] # for once
    assert desk.run("--sizes", "1024") == 0
    assert desk.about("cheapest: 1024 MB, 10.9 ms, 0.383 USD")


def _report_intel(function: Function) -> Callable[..., dict[str, Any]]:
    get_configuration = function.get_function_configuration
    return lambda **parameters: {**get_configuration(**parameters), "Architectures": ["x86_64"]}


def test_dry_run_makes_no_change(desk: Desk) -> None:
    assert desk.run("--dry-run", "--sizes", "256,512", "--invocations", "5") == 0
    assert desk.lines == [
        "account 123456789012, us-east-1, stage dev",
        "would give $LATEST of items-dev 256, 512 MB in turn, invoke it 8 times at each, and put "
        "its 1024 MB back; no change was made",
    ]
    assert (desk.function.configured, desk.function.measured) == ([], [])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--sizes", "64"),
        ("--sizes", "256,20000"),
        ("--sizes", "much"),
        ("--invocations", "0"),
        ("--price-gb-second", "0"),
        ("--reports", "-", "--dry-run"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(desk: Desk, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        desk.run(*arguments)
    assert ended.value.code == 2
    assert desk.function.calls == []


def test_help_names_the_prices(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        desk.run("--help")
    assert ended.value.code == 0
    output = capsys.readouterr().out
    assert output.startswith("usage: .venv/bin/python -m ops rightsize")
    assert "0.0000133334 for arm64, 0.0000166667 for x86_64" in " ".join(output.split())


def test_region_without_prices_is_warned_about(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(REGION, "region_name", "eu-west-1")
    assert desk.run() == 0
    (warning,) = desk.about("warning: the price is")
    assert "that of us-east-1, not of eu-west-1" in warning
    assert "ops cost --stage dev --refresh-prices" in warning


def test_price_option_needs_no_region(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(REGION, "region_name", "eu-west-1")
    assert desk.run("--price-gb-second", "0.00002") == 0
    assert desk.about("warning: the price is") == []
