"""The protocol of docs/site.md, explored: two deployments, and a kill at any call.

Two pages and two assets are explored without a bound. Each run prints its counts.
"""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.site.sites import page, write
from tests.unit.site.explorer import Explorer, Job, run_alone
from tests.unit.site.world import World

OLD, NEW = "assets/app-aaaa1111.js", "assets/app-bbbb2222.js"
SITES = {
    "v1": {"index.html": page(OLD), "about.html": page(OLD, text="about"), OLD: "1"},
    "v2": {"index.html": page(NEW), NEW: "2"},
    # More pages and assets, and an index page that both sites share.
    "w1": {
        **{f"{n}.html": page(OLD, text=str(n)) for n in range(4)},
        "index.html": page(),
        OLD: "1",
    },
    "w2": {
        **{f"{n}.html": page(OLD, NEW, text=str(n)) for n in range(2)},
        "index.html": page(),
        NEW: "2",
        OLD: "1",
    },
}
KINDS = [(name, delete) for name in ("v1", "v2") for delete in (False, True)]
PAIRS = list(itertools.combinations_with_replacement(KINDS, 2))
STARTS = [("v1",), ("v1", "v2"), ("v2", "v1")]

Record = Callable[[str, object], None]


@pytest.fixture
def source(tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: write(tmp_path / name, SITES[name])


def bucket(source: Callable[[str], Path], names: tuple[str, ...]) -> World:
    """Return a bucket to which these sites were deployed, one after the other."""
    world: World = ()
    for number, name in enumerate(names):
        world, _ = run_alone(world, Job(f"start{number}", source(name)))
    return world


def explore(
    source: Callable[[str], Path],
    record: Record,
    start: tuple[str, ...],
    pair: tuple[tuple[str, bool], ...],
    lost: int = 0,
    preemptions: int | None = None,
) -> None:
    jobs = tuple(
        Job(letter, source(name), delete)
        for letter, (name, delete) in zip("ABC", pair, strict=False)
    )
    counts = Explorer(jobs, bucket(source, start), lost, preemptions).explore()
    bound = "exhaustive" if preemptions is None else f"at most {preemptions} preemptions"
    record("publishing", dict(counts))
    print(f"{bound}, {lost} lost responses: {dict(counts)}, 0 violations")
    assert counts["schedules"] > 0


def test_two_deployments_never_break_the_site(
    source: Callable[[str], Path], record_property: Record
) -> None:
    explore(source, record_property, ("v1", "v2"), (("v1", True), ("v2", True)))


def test_two_deployments_of_one_site_keep_it(
    source: Callable[[str], Path], record_property: Record
) -> None:
    """Each finds the other's pages, which are equal to its own."""
    explore(source, record_property, ("v1",), (("v2", False), ("v2", False)))


def test_lost_response_is_not_another_deployment(
    source: Callable[[str], Path], record_property: Record
) -> None:
    """The second deployment has no change to write: a conflict of the first is a violation."""
    explore(source, record_property, ("v1", "v2"), (("v1", True), ("v2", False)), 1, 0)


@pytest.mark.long
@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize("start", STARTS, ids="-".join)
@pytest.mark.parametrize("pair", PAIRS)
def test_every_pair_keeps_the_site(
    pair: tuple[tuple[str, bool], ...],
    start: tuple[str, ...],
    lost: int,
    source: Callable[[str], Path],
    record_property: Record,
) -> None:
    explore(source, record_property, start, pair, lost)


@pytest.mark.long
@pytest.mark.parametrize("start", [("w1",), ("w1", "w2")], ids="-".join)
@pytest.mark.parametrize("second", ["w1", "w2"])
def test_larger_sites_survive_preemptions(
    second: str, start: tuple[str, ...], source: Callable[[str], Path], record_property: Record
) -> None:
    explore(source, record_property, start, (("w2", True), (second, True)), 1, 3)
