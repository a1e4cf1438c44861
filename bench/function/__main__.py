"""Compare the function's cold start and requests with other implementations of the same API.

    .venv/bin/python -m bench.function            ten minutes, write docs/performance.md and .svg
    .venv/bin/python -m bench.function --quick    less than three minutes, only print the tables

It measures the deployed zip, unpacked as on Lambda. First, each candidate must pass one contract on
DynamoDB Local. It exits with 1 if our figures exceed their limits.

To measure a change, copy `.local/function/ours` to another directory, change the copy, and pass it
with `--ours`. The copy is compiled again.
"""

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path

from bench.function import chart, report, service
from bench.function.candidate import BASE, HOME, OURS, Candidate, build
from bench.function.measurement import cold, starter, warm
from bench.function.result import MEASURES, Result
from infra.function import authorities
from tools.command import run_command
from tools.lock import exclusive
from tools.project import PROJECT, PYTHON

DOCUMENT = PROJECT / "docs" / "performance.md"
CHART = PROJECT / "docs" / "performance.svg"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"{PYTHON} -m bench.function",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="measure fewer blocks, and only print")
    parser.add_argument(
        "--ours",
        action="append",
        default=[],
        metavar="PATH[:LABEL]",
        help="measure this unpacked build as well; repeatable",
    )
    parser.add_argument(
        "--variable",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="measure the build with this environment variable as well; repeatable",
    )
    parser.add_argument(
        "--only-ours",
        action="store_true",
        help="measure this application and the bare handler only",
    )
    arguments = parser.parse_args()
    for each in arguments.variable:
        if not re.fullmatch(r"[A-Za-z_]\w*=.*", each):
            parser.error(f"--variable: {each!r} is not NAME=VALUE")
    for each in arguments.ours:
        directory = Path(each.partition(":")[0]).resolve()
        if not (directory / "app.py").is_file():
            parser.error(f"--ours: {directory} has no app.py")
        if HOME in directory.parents:
            parser.error(f"--ours: each run overwrites {directory}: copy it to another directory")
    return arguments


def variants(ours: Candidate, arguments: argparse.Namespace) -> list[Candidate]:
    """Return the variants of our candidate that the arguments describe."""
    found = []
    for number, each in enumerate(arguments.ours, 1):
        path, _, label = each.partition(":")
        found.append(ours.copy_from(Path(path), label or f"variant {number}"))
    return found + [ours.with_variable(each) for each in arguments.variable]


def measure(
    candidates: list[Candidate], plain: list[Candidate], scratch: Path, quick: bool
) -> Result:
    bundle = candidates[0].runtime / "botocore" / "cacert.pem"
    blocks, generations, warm_blocks = (12, 3, 10) if quick else (60, 12, 20)
    with service.stub(scratch, bundle) as variables:
        for each in candidates:
            if each.authorities.is_dir():
                authorities.write(each.authorities, Path(variables["AWS_CA_BUNDLE"]))
        start = starter(scratch, variables)
        started = cold([*candidates, *plain], start, blocks, say)
        return Result(started, warm(candidates, start, generations, warm_blocks, say))


def write(table: str, result: Result, titles: dict[str, str]) -> None:
    """Write the table into the document, and the chart next to it."""
    report.place(table, DOCUMENT)
    groups = {
        MEASURES[measure]: [
            chart.Bar(title, result.ratio(name, measure), name == OURS)
            for name, title in titles.items()
        ]
        for measure in ("cold", "get", "list", "put")
    }
    title = "The function's costs as ratios to a bare handler's (less is better)"
    CHART.write_text(chart.svg(title, groups))


def run(arguments: argparse.Namespace) -> int:
    say("building the candidates")
    built = build()
    ours = built[0]
    if arguments.only_ours:
        built = [each for each in built if each.name in (OURS, BASE)]
    changed = variants(ours, arguments)
    plain = [each.plain() for each in built]
    with tempfile.TemporaryDirectory(prefix="items-bench-") as scratch:
        say("checking the candidates on DynamoDB Local")
        wrong = service.check_contract([*built, *changed], Path(scratch))
        if wrong:
            say("\n".join(["error: candidates with wrong responses are not measured", *wrong]))
            return 2
        result = measure([*built, *changed], plain, Path(scratch), arguments.quick)
    titles = {each.name: each.title for each in built}
    table = report.markdown(result, titles)
    print(table)
    if changed:
        print(report.variants(result, {each.name: each.title for each in changed}))
    (HOME / "result.json").write_text(json.dumps(report.document(result), indent=1))
    if not (arguments.quick or arguments.only_ours or changed):
        write(table, result, titles)
    complaints = result.complaints()
    for complaint in complaints:
        say(f"error: {complaint}")
    return 1 if complaints else 0


def main() -> int:
    """Return the exit status: 1 if a limit is exceeded, 2 if a candidate is wrong."""
    arguments = parse()

    def locked() -> int:
        with exclusive(HOME.with_name("function.lock")):
            return run(arguments)

    return run_command(locked)


if __name__ == "__main__":
    sys.exit(main())
