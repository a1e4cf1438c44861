"""Compare `deploy_site.py` with `aws s3 sync` and `aws cloudfront create-invalidation`.

    .venv/bin/python -m bench.deploy_site            write the table in docs/site.md
    .venv/bin/python -m bench.deploy_site --quick    fewer files and rounds, only print

Both run in turns as whole processes on the same local cloud, which is new for every round. A ratio
compares two times of one round, so other load on the computer affects both.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.cloud import REGION, Cloud
from local.home import Home
from tests.dynamodb_local import free_port
from tests.integration.site.stack import STACK, TEMPLATE
from tools.command import run_command
from tools.install import prepare_once
from tools.project import PROJECT, PYTHON

REQUIREMENTS = PROJECT / "bench" / "requirements.txt"
DOCUMENT = PROJECT / "docs" / "site.md"
BEGIN, END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"
THEIRS = "theirs"

# Runs per round. Short cases vary more, so they run more often.
CASES = {"first upload": 1, "nothing changed": 3, "one file changed": 3}


def awscli() -> str:
    """Return the AWS CLI of a separate environment, which is created on first use."""
    return str(prepare_once(Home().shared, "AWS CLI", REQUIREMENTS) / "bin" / "aws")


def write_site(directory: Path, files: int) -> Path:
    """Write a site of hashed assets and a few pages, of one to four kilobytes."""
    (directory / "assets").mkdir(parents=True)
    for n in range(files - 20):
        text = f"export const part = {n};\n" * (50 + n % 100)
        (directory / "assets" / f"part-{n:08d}.js").write_text(text)
    for n in range(19):
        (directory / f"page-{n}.html").write_text(f"<!doctype html><p>{n}</p>\n" * 100)
    (directory / "index.html").write_text("<!doctype html><p>one</p>\n")
    return directory


class Round:
    """A new local cloud with an empty bucket for each of the two."""

    def __init__(self, cloud: Cloud, site: Path, aws: str) -> None:
        self.s3, self.site, self._aws = cloud.client("s3"), site, aws
        formation = cloud.client("cloudformation")
        formation.create_stack(StackName=STACK, TemplateBody=json.dumps(TEMPLATE))
        (stack,) = formation.describe_stacks(StackName=STACK)["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        self.bucket, self._distribution = outputs["BucketName"], outputs["DistributionId"]
        self.s3.create_bucket(Bucket=THEIRS)
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.environ.get("HOME", "/"),
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def ours(self) -> None:
        self._run(sys.executable, "deploy_site.py", "--stage", "prod", "--source", str(self.site))

    def sync(self, *options: str) -> None:
        target = f"s3://{THEIRS}"
        self._run(self._aws, "s3", "sync", str(self.site), target, "--only-show-errors", *options)

    def invalidate(self) -> None:
        """Invalidate everything, because `sync` reports changes only as text."""
        which = ("--distribution-id", self._distribution, "--paths", "/*")
        self._run(self._aws, "cloudfront", "create-invalidation", *which)

    def _run(self, *command: str) -> None:
        subprocess.run(  # noqa: S603 - our own commands, no shell
            command, cwd=PROJECT, env=self._environment, check=True, stdout=subprocess.DEVNULL
        )


def time_run(run: Callable[[], None]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def measure(cloud_round: Round, ours_first: bool, times: dict[str, list[dict[str, float]]]) -> None:
    """Time all cases, and alternate the order of the two."""
    for case in (case for case, often in CASES.items() for _ in range(often)):
        if case == "one file changed":
            index = cloud_round.site / "index.html"
            index.write_text(f"<!doctype html><p>{time.time_ns()}</p>\n")
        one: dict[str, float] = {}
        for who in ("ours", "theirs") if ours_first else ("theirs", "ours"):
            if who == "ours":
                one["ours"] = time_run(cloud_round.ours)
            else:
                one["sync"] = time_run(cloud_round.sync)
                one["invalidate"] = time_run(cloud_round.invalidate)
        times[case].append(one)
        ours_first = not ours_first
        print("  " + ", ".join([case, *(f"{name} {took:.2f} s" for name, took in one.items())]))


def compare_uploads(cloud_round: Round) -> list[tuple[str, bool, bool]]:
    """Return whether each of the two uploads changes that size and time do not show."""
    s3, site = cloud_round.s3, cloud_round.site
    page = site / "index.html"
    changed = page.read_text().replace("doctype", "DOCTYPE")
    page.write_text(changed)
    os.utime(page, (0, 0))
    cloud_round.ours()
    cloud_round.sync()
    ours, theirs = (
        s3.get_object(Bucket=bucket, Key="index.html")["Body"].read().decode() == changed
        for bucket in (cloud_round.bucket, THEIRS)
    )
    found = [("other content, same size, older file", ours, theirs)]
    for bucket in (cloud_round.bucket, THEIRS):
        s3.put_object(
            Bucket=bucket,
            Key="index.html",
            Body=changed.encode(),
            CacheControl="max-age=60",
            ContentType="text/html; charset=utf-8",
        )
    cloud_round.ours()
    cloud_round.sync("--cache-control", "no-cache")
    ours, theirs = (
        s3.head_object(Bucket=bucket, Key="index.html").get("CacheControl") == "no-cache"
        for bucket in (cloud_round.bucket, THEIRS)
    )
    return [*found, ("other headers, same content", ours, theirs)]


def table(
    times: dict[str, list[dict[str, float]]],
    correctness: list[tuple[str, bool, bool]],
    files: int,
    version: str,
) -> str:
    """Return the results as Markdown."""
    rounds = len(times["first upload"])
    lines = [
        f"{files:,} files of 1 to 4 KB, {rounds} rounds, {os.cpu_count()} processors. Seconds are "
        "medians. A ratio is our time divided by theirs, measured at the same time, so below 1 is "
        "faster: the median, with the range in parentheses.",
        "",
        f"| | `deploy_site.py` | `s3 sync` ({version}) | `create-invalidation` "
        "| ratio to `sync` alone | ratio to both |",
        "|---|---|---|---|---|---|",
    ]
    for case, found in times.items():
        cells = [
            f"{statistics.median(each[name] for each in found):.2f}"
            for name in ("ours", "sync", "invalidate")
        ]
        cells.append(_spread([each["ours"] / each["sync"] for each in found]))
        cells.append(
            _spread([each["ours"] / (each["sync"] + each["invalidate"]) for each in found])
        )
        lines.append(f"| {' | '.join([case, *cells])} |")
    lines += ["", "| what changed | `deploy_site.py` | `sync` |", "|---|---|---|"]
    for change, ours, theirs in correctness:
        lines.append(f"| {change} | {_verdict(ours)} | {_verdict(theirs)} |")
    return "\n".join(lines) + "\n"


def _spread(ratios: list[float]) -> str:
    return f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"


def _verdict(is_shipped: bool) -> str:
    return "shipped" if is_shipped else "**missed**"


def run(quick: bool) -> int:
    """Return 1 if our command was slower than `sync` or missed a change."""
    files, rounds = (200, 1) if quick else (2000, 5)
    aws = awscli()
    shown = subprocess.run([aws, "--version"], capture_output=True, text=True)  # noqa: S603 - ours
    times: dict[str, list[dict[str, float]]] = defaultdict(list)
    correctness: list[Any] = []
    for number in range(rounds):
        with tempfile.TemporaryDirectory(prefix="items-bench-") as scratch:
            site = write_site(Path(scratch) / "site", files)
            print(f"round {number + 1} of {rounds}")
            home = Home(Path(scratch) / "home")
            with Cloud(home, free_port(), keep=False, report=lambda _: None) as cloud:
                one = Round(cloud, site, aws)
                measure(one, number % 2 == 0, times)
                correctness = compare_uploads(one)
    text = table(times, correctness, files, shown.stdout.split()[0])
    print(text)
    if not quick:
        document = DOCUMENT.read_text()
        between = re.compile(f"(?<={re.escape(BEGIN)}).*(?={re.escape(END)})", re.DOTALL)
        DOCUMENT.write_text(between.sub(lambda _: text, document))
    slower = [
        case
        for case in ("first upload", "nothing changed")
        if statistics.median(each["ours"] / each["sync"] for each in times[case]) > 1
    ]
    return 1 if slower or not all(ours for _, ours, _ in correctness) else 0


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(
        prog=f"{PYTHON} -m bench.deploy_site",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--quick", action="store_true", help="measure 200 files in one round, and only print"
    )
    arguments = parser.parse_args()
    return run_command(lambda: run(arguments.quick))


if __name__ == "__main__":
    sys.exit(main())
