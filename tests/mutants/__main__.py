"""Check that the tests catch every mutant of the list, tests/mutants/mutants.toml.

Each mutant is a fault in a copy of the project. Its tests must pass without the fault and fail
with it.

exit status: 0 all caught, 1 a mutant survived, 2 usage, or a mutant does not apply
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants import trial
from tests.mutants.mutant import LIST, Change, Mutant, NotApplicable, Sources, load, read_sources
from tools import node
from tools.project import PROJECT

CAUGHT, SURVIVED, NOT_APPLICABLE = "caught", "survived", "not applicable"


def main(argv: Sequence[str] | None = None, project: Path = PROJECT, file: Path = LIST) -> int:
    """Return the exit status (see this module's docstring)."""
    arguments = _parser().parse_args(argv)
    sources = read_sources(project)
    try:
        mutants = _choose(load(file), arguments.only)
    except NotApplicable as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if arguments.list:
        return _list(mutants, sources, project)
    outcomes = _try_all(mutants, sources, project, arguments.workers)
    print(", ".join(f"{outcomes[each]} {each}" for each in (CAUGHT, SURVIVED, NOT_APPLICABLE)))
    if outcomes[NOT_APPLICABLE]:
        return 2
    return 1 if outcomes[SURVIVED] else 0


def _parser() -> argparse.ArgumentParser:
    about, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants",
        description=about,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", metavar="ID", help="try these mutants")
    parser.add_argument("--list", action="store_true", help="print the list, and run no test")
    parser.add_argument(
        "--workers", type=int, default=2, metavar="N", help="runs side by side (default: 2)"
    )
    return parser


def _choose(mutants: list[Mutant], only: list[str] | None) -> list[Mutant]:
    unknown = set(only or ()) - {mutant.id for mutant in mutants}
    if unknown:
        raise NotApplicable(f"unknown mutants: {', '.join(sorted(unknown))}; run with --list")
    return [mutant for mutant in mutants if only is None or mutant.id in only]


def _change(mutant: Mutant, sources: Sources, project: Path) -> Change:
    """Return the change to make. Raises `NotApplicable`."""
    missing = [path for path in mutant.tests if not (project / path).exists()]
    if missing:
        raise NotApplicable(f"missing tests: {', '.join(missing)}")
    return mutant.mutate(sources)


def _list(mutants: list[Mutant], sources: Sources, project: Path) -> int:
    """Print the mutants and where each applies. Return the exit status."""
    status = 0
    for mutant in mutants:
        try:
            place = str(_change(mutant, sources, project)[0])
        except NotApplicable as error:
            place, status = f"{NOT_APPLICABLE}: {error}", 2
        print(f"{mutant.id:26} {mutant.why}\n{'':26} {place} | {' '.join(mutant.tests)}")
    return status


def _try_all(mutants: list[Mutant], sources: Sources, project: Path, workers: int) -> Counter[str]:
    """Print the outcome of each mutant as it ends, and return the count of each outcome."""
    outcomes: Counter[str] = Counter()

    def tell(mutant: Mutant, outcome: str, note: str) -> None:
        outcomes[outcome] += 1
        print(f"{outcome:15} {mutant.id:26} {note}", flush=True)

    changes: dict[Mutant, Change] = {}
    for mutant in mutants:
        try:
            changes[mutant] = _change(mutant, sources, project)
        except NotApplicable as error:
            tell(mutant, NOT_APPLICABLE, str(error))
    reasons = _baseline(project, [test for mutant in changes for test in mutant.tests])
    for mutant in list(changes):
        reason = next((reasons[test] for test in mutant.tests if test in reasons), "")
        if reason:
            del changes[mutant]
            tell(mutant, NOT_APPLICABLE, f"without a mutant: {reason}")
    with ThreadPoolExecutor(workers) as pool:
        trials = pool.map(lambda each: trial.run(project, each.tests, changes[each]), changes)
        for mutant, result in zip(changes, trials, strict=True):
            outcome = CAUGHT if result.failed else SURVIVED
            said = result.note or ", ".join(result.failed) or "all tests passed"
            tell(mutant, outcome, f"{said} ({result.seconds:.0f} s)")
    return outcomes


def _baseline(project: Path, tests: Iterable[str]) -> dict[str, str]:
    """Run the tests without a mutant. Return invalid tests with the reason."""
    paths = list(dict.fromkeys(tests))
    for_vitest = [path for path in paths if trial.is_for_vitest(path)]
    for_pytest = [path for path in paths if path not in for_vitest]
    if for_vitest:
        node.npm(["--version"])  # installs the dependencies that all copies use
    reasons: dict[str, str] = {}
    for selection in filter(None, (for_vitest, for_pytest)):
        print(f"running {len(selection)} test files without a mutant", flush=True)
        result = trial.run(project, selection)
        print(f"{len(result.failed)} tests fail ({result.seconds:.0f} s)", flush=True)
        for path in selection:
            failed = [name for name in result.failed if name.startswith(path)]
            if result.note or failed:
                reasons[path] = result.note or failed[0]
    return reasons


if __name__ == "__main__":
    sys.exit(main())
