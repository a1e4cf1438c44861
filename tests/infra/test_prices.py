"""The price file: its form, and every document, template and the dashboard that show a price."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bench import scaling
from infra.documents import costs
from ops import break_even
from tests import repository
from tests.infra.templates import test_monitoring_dashboard as dashboard
from tools import estimate, prices
from tools.estimate import COPIES, MONTH_HOURS, MONTH_SECONDS
from tools.prices import HOME, Prices
from tools.project import PROJECT

CONTENT: dict[str, Any] = json.loads(prices.FILE.read_text())
NAMES = sorted({*CONTENT["everywhere"]["usd"], *CONTENT["regions"][HOME]["usd"]})
_GB = 1e9 / 4096  # reads of a whole table, in units


#: The texts of figures.
Figures = Callable[[Prices], tuple[str, ...]]


class Mention(NamedTuple):
    """A price in a text: `text` has a {} for each of the figures."""

    file: str
    text: str
    figures: Figures

    def shown(self, price: Prices) -> str:
        return self.text.format(*self.figures(price))


def prices_of(*names: str, form: str = ".2f") -> Figures:
    """Return a function for these prices in a form of their digits."""
    return lambda price: tuple(format(price.usd(name), form) for name in names)


def exactly(*names: str) -> Figures:
    """Return a function for these prices with all of their digits, ten at most."""
    return lambda price: tuple(f"{price.usd(name):.10f}".rstrip("0").rstrip(".") for name in names)


def calculated(cost: Callable[[Prices], float], form: str = ".2f") -> Figures:
    """Return a function for a figure that follows from prices."""
    return lambda price: (format(cost(price), form),)


def firewall(stack: str) -> Figures:
    row = estimate.firewall("", stack, 0)
    return lambda price: (f"{row.cost(price):.0f}", f"{price.usd('web_acl_million_requests'):.2f}")


def _unit_months(price: Prices) -> list[float]:
    """Return the price of a provisioned unit in a month: of a write, of a read."""
    return [MONTH_HOURS * price.usd(f"dynamodb_{kind}_unit_hour") for kind in ("write", "read")]


def _break_even(price: Prices) -> tuple[str, ...]:
    millions = break_even.container_millions(price)
    return (f"{millions:.0f}", f"{millions * 1e6 / MONTH_SECONDS:.1f}")


#: The minimum units of the table and of its index.
_LEAST = 2 * 5
SERVERFUL, RESTORE = "docs/serverful.md", "docs/restore.md"
SETTINGS, RIGHTSIZING = "docs/settings.md", "docs/rightsizing.md"
REST_API = "docs/decisions/rest-api.md"
REST, HTTP = "api_gateway_million_requests", "http_api_million_requests"
ARM, X86 = "lambda_gb_second_arm64", "lambda_gb_second_x86_64"
SNAPSHOT, WARM = "lambda_snapshot_gb_second", "lambda_provisioned_gb_second_arm64"
WRITES, READS = "dynamodb_million_writes", "dynamodb_million_reads"
MENTIONS = (
    Mention(SETTINGS, "{} USD per GB-second on arm64", exactly(ARM)),
    Mention(
        SERVERFUL,
        "{} USD a month before the first request",
        calculated(lambda price: break_even.containers(price, 0), ".0f"),
    ),
    Mention(SERVERFUL, "some {} million requests a month ({} a second)", _break_even),
    Mention(SETTINGS, "{} USD per GB-second of each version", exactly(SNAPSHOT)),
    Mention(
        SETTINGS,
        "({} USD a month at 1 GB)",
        calculated(lambda price: price.usd(SNAPSHOT) * MONTH_SECONDS, ".0f"),
    ),
    Mention(SETTINGS, "{} per restored GB", prices_of("lambda_restore_gb", form=".5f")),
    Mention(
        SETTINGS,
        "{} USD a month for each at 1 GB on arm64",
        calculated(lambda price: price.usd(WARM) * MONTH_SECONDS),
    ),
    Mention(SETTINGS, "for {} USD per million", exactly("million_traces")),
    Mention(SETTINGS, "{} USD per 1,000 mails", prices_of("ses_thousand_mails")),
    Mention(
        SETTINGS,
        f"About {COPIES} full copies: {{}} USD a month",
        calculated(lambda price: price.usd("backup_gb") * COPIES),
    ),
    Mention(SETTINGS, "always on, for {} USD per GB", prices_of("dynamodb_recovery_gb")),
    Mention(SETTINGS, "{} USD a month, up to 3 after rotations", exactly("kms_key")),
    Mention(
        SETTINGS,
        "{} USD per 10,000 uses",
        calculated(lambda price: price.usd("kms_million_requests") / 100),
    ),
    Mention(SETTINGS, "{} USD per million writes, {} per million reads", exactly(WRITES, READS)),
    Mention(
        SETTINGS,
        "{} USD a month for one write per second and {} for one read",
        lambda price: tuple(f"{usd:.2f}" for usd in _unit_months(price)),
    ),
    Mention(
        SETTINGS,
        "cost about {} USD a month",
        calculated(lambda price: _LEAST * sum(_unit_months(price)), ".0f"),
    ),
    Mention(RIGHTSIZING, "gateway's {} USD per million", prices_of(REST)),
    Mention(REST_API, "({} and\n{} USD for the first million", prices_of(REST, HTTP)),
    Mention(
        REST_API,
        "At 100 million requests a month the difference is\nabout {} USD",
        calculated(lambda price: 100 * (price.usd(REST) - price.usd(HTTP)), ".0f"),
    ),
    Mention("docs/decisions/logging.md", "A GB costs\n  {} USD", prices_of("logs_gb")),
    # Eventually consistent reads of both tables are half a unit each.
    Mention(
        RESTORE,
        "{} USD for a GB on demand",
        calculated(lambda price: _GB / 1e6 * price.usd(READS)),
    ),
    Mention(RESTORE, "It costs {} USD for each GB", prices_of("dynamodb_restore_gb")),
    Mention("docs/commands.md", "{} for arm64, {} for x86_64", exactly(ARM, X86)),
    # A run of `ops doctor` reads fewer than a thousand metrics.
    Mention("docs/commands.md", "costs less than {} USD", prices_of("thousand_metrics_read")),
    Mention("docs/on-call.md", "for less than {} USD", prices_of("thousand_metrics_read")),
    *(
        Mention(file, f"({about}{{}} USD a month, and {{}} per million requests)", firewall(stack))
        for stack, about in (("api", ""), ("edge", "about "))
        for file in ("docs/parameters.md", f"infra/templates/{stack}.yaml")
    ),
    *(
        Mention(file, "at {} USD per million traces", exactly("million_traces"))
        for file in ("docs/parameters.md", "infra/templates/api.yaml")
    ),
    Mention(
        "infra/templates/monitoring.yaml",
        'GbSecondUsd: {{ Type: String, Default: "{}"',
        exactly(ARM),
    ),
)

#: A figure in USD, with the text that makes it one.
USD = re.compile(r"\d[\d,.]*\s+USD\b(?!/)")
#: Text that `infra documents` writes, and examples of a command's output.
ELSEWHERE = re.compile(
    r"<!-- costs: .*?<!-- end of costs -->|<!-- model: .*?<!-- end of model -->|^    .*?$",
    re.S | re.M,
)
#: All documents except the changelog, whose figures are of their time.
DOCUMENTS = sorted(
    {*repository.DOCUMENTS, *(PROJECT / "infra").rglob("*.yaml")} - {PROJECT / "CHANGELOG.md"}
)


def unclaimed(file: Path) -> list[str]:
    """Return the figures in USD of a document that no mention explains."""
    text = ELSEWHERE.sub("", file.read_text()) if file.suffix == ".md" else file.read_text()
    for mention in MENTIONS:
        if PROJECT / mention.file == file:
            text = text.replace(mention.shown(prices.prices()), "")
    return USD.findall(text)


def stale() -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each price that differs from the file."""
    for mention in MENTIONS:
        if mention.shown(prices.prices()) not in (PROJECT / mention.file).read_text():
            yield mention.file, mention.text
    if costs.text() != costs.FILE.read_text():
        yield "README.md", "costs"
    if scaling.text() != scaling.FILE.read_text():
        yield "docs/scaling.md", "costs"
    if scaling.picture() != scaling.PICTURE.read_text():
        yield "docs/scaling.svg", "costs"
    for is_provisioned in (False, True):
        if not dashboard.is_current(is_provisioned):
            yield "the dashboard", f"provisioned: {is_provisioned}"


@pytest.fixture
def raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Yield a function that multiplies a price of the file by 100."""

    def raise_(name: str) -> None:
        content = json.loads(prices.FILE.read_text())
        for part in (content["everywhere"], content["regions"][HOME]):
            if name in part["usd"]:
                part["usd"][name] = _raised(part["usd"][name])
        file = tmp_path / "prices.json"
        file.write_text(json.dumps(content))
        monkeypatch.setattr(prices, "FILE", file)
        prices.forget()

    yield raise_
    monkeypatch.undo()
    prices.forget()


def _raised(value: Any) -> Any:
    if isinstance(value, dict):
        return {start: _raised(price) for start, price in value.items()}
    return str(100 * float(value))


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(PROJECT)))
def test_every_usd_figure_follows_from_the_file(file: Path) -> None:
    assert unclaimed(file) == []


def test_figure_without_a_mention_is_found(tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    file.write_text("It costs 0.99 USD.\n\n    example: 3 USD\n")
    assert unclaimed(file) == ["0.99 USD"]


def test_no_place_is_stale() -> None:
    assert list(stale()) == []


#: Places that show a price, for some prices.
PLACES = {
    REST: {"README.md", "the dashboard", RIGHTSIZING, "docs/scaling.md", "docs/scaling.svg"},
    ARM: {"README.md", SETTINGS, "docs/commands.md", "infra/templates/monitoring.yaml"},
    WRITES: {"README.md", "the dashboard", SETTINGS},
    "dynamodb_write_unit_hour": {"the dashboard", SETTINGS},
    "web_acl_rule": {"README.md", "docs/parameters.md", "infra/templates/api.yaml"},
    "backup_gb": {"README.md", SETTINGS},
}


@pytest.mark.parametrize("name", sorted({*NAMES, *PLACES}))
def test_changed_price_makes_its_places_stale(name: str, raised: Callable[[str], None]) -> None:
    raised(name)
    places = {place for place, _ in stale()}
    assert places
    assert PLACES.get(name, set()) <= places


def test_file_has_the_form_of_a_refresh() -> None:
    assert prices.FILE.read_text() == json.dumps(CONTENT, indent=2) + "\n"


@pytest.mark.parametrize("part", [CONTENT["everywhere"], *CONTENT["regions"].values()])
def test_prices_are_dated_and_sourced(part: dict[str, Any]) -> None:
    assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", part["as_of"])
    assert part["source"]
    assert part["usd"]


@pytest.mark.parametrize(
    ("units", "cost"),
    [
        (0, 0),
        (333, 333 * 3.5),
        (334, 333 * 3.5 + 2.8),
        (1000, 333 * 3.5 + 667 * 2.8),
        (30_000, 333 * 3.5 + 667 * 2.8 + 19_000 * 2.38 + 10_000 * 1.51),
    ],
)
def test_cost_goes_tier_by_tier(units: float, cost: float) -> None:
    tiers = ((0.0, 3.5), (333.0, 2.8), (1000.0, 2.38), (20_000.0, 1.51))
    assert Prices(HOME, "2026-11", {"x": tiers}).cost("x", units) == pytest.approx(cost)


def test_region_without_prices_borrows_all() -> None:
    elsewhere, home = prices.prices("eu-north-1"), prices.prices()
    assert elsewhere.tiers == home.tiers
    assert elsewhere.borrowed == CONTENT["regions"][HOME]["usd"].keys()
    assert home.borrowed == frozenset()


def test_plans_grow_with_their_price() -> None:
    plans = prices.plans()
    assert [plan.usd for plan in plans] == sorted(plan.usd for plan in plans)
    assert [p.million_requests for p in plans] == sorted(p.million_requests for p in plans)
