"""Try memory sizes of a stage's function, and recommend a size.

Sets each size on the function's unpublished $LATEST, and invokes it, one request at a time. Always
restores the memory at the end. Users call the alias live and are not affected. Do not release
meanwhile. With --reports, only reads the sizes from the REPORT lines in a file, without AWS.
docs/rightsizing.md explains the result.
"""

import argparse
import sys
from pathlib import Path

from infra.stage import Stage
from ops import figures
from ops.errors import Misconfigured, OpsError
from ops.memory import check_unused
from ops.options import count, rate
from ops.reports import Report, parse
from ops.sizing import GB_SECOND, VCPU_MB, Choice, choose, sizes
from ops.tools import Tools
from ops.trial import Trial
from tools.prices import HOME, prices
from tools.project import PYTHON

_SIZES = "256,512,768,1024,1536,1792,3008"
_INVOCATIONS = 50
_LEAST, _MOST = 128, 10_240  # MB, which AWS allows


def _sizes(text: str) -> list[int]:
    found = sorted({int(each) for each in text.split(",")})
    if not _LEAST <= found[0] <= found[-1] <= _MOST:
        raise argparse.ArgumentTypeError(f"sizes are from {_LEAST} to {_MOST} MB")
    return found


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="use this stage of .chalice/config.json")
    add = parser.add_argument
    add(
        "--sizes",
        type=_sizes,
        default=_SIZES,
        metavar="MB,MB",
        help="try these memory sizes, in MB (default: %(default)s)",
    )
    add(
        "--invocations",
        type=count,
        default=_INVOCATIONS,
        metavar="N",
        help="invoke each size N times, rounded up to whole rounds of PUT, GET, list, DELETE "
        "(default: %(default)s)",
    )
    add(
        "--reports",
        metavar="FILE",
        help="read REPORT lines, as `aws logs tail` or Logs Insights print them; -: standard input",
    )
    add(
        "--price-gb-second",
        type=rate,
        metavar="USD",
        help="calculate with this price (default: the region's; in us-east-1 "
        + ", ".join(f"{price:.10f} for {name}" for name, price in GB_SECOND.items())
        + ")",
    )
    add("--dry-run", action="store_true", help="check, and show the steps, without a change")


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    stage = Stage.load(tools.project, arguments.stage)
    architecture = stage.architecture
    if arguments.reports:
        if arguments.dry_run:
            arguments.usage_error("--reports makes no change, so it excludes --dry-run")
        reports = _read(arguments.reports)
    else:
        found = check_unused(stage, tools)
        architecture = found.get("Architectures", [architecture])[0]
        trial = Trial(tools, stage.function_name, arguments.sizes, arguments.invocations)
        if arguments.dry_run:
            trial.explain(found["MemorySize"])
            return
        reports = trial.run(found["MemorySize"])
        if not reports:
            raise OpsError("AWS refused each of the sizes")
    region = arguments.caller.region if "caller" in arguments else HOME
    price = arguments.price_gb_second or _price(architecture, region, stage, tools)
    _show(reports, price, stage, tools)


def _price(architecture: str, region: str, stage: Stage, tools: Tools) -> float:
    """Return the price of a GB-second in a region."""
    price, name = prices(region), f"lambda_gb_second_{architecture}"
    if name in price.borrowed:
        tools.report(
            f"warning: the price is that of {HOME}, not of {region}: pass --price-gb-second, or "
            f"run {PYTHON} -m ops cost --stage {stage.name} --refresh-prices"
        )
    return price.usd(name)


def _read(name: str) -> list[Report]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(errors="replace")
    except OSError as error:
        raise Misconfigured(str(error)) from error
    reports = parse(text)
    if not reports:
        raise Misconfigured(f"{name} has no REPORT line of Lambda")
    return reports


def _show(reports: list[Report], price: float, stage: Stage, tools: Tools) -> None:
    """Print the sizes and the recommendation. Raises `OpsError` without a recommendation."""
    measured = sizes(reports, price)
    choice = choose(measured)
    for line in ["", *figures.table(measured), ""]:
        tools.report(line)
    tools.report(f"CPU comes with memory: {VCPU_MB:,} MB are one vCPU.")
    for size in measured:
        for objection in size.objections():
            tools.report(f"warning: {size.memory} MB: {objection}")
    if not choice:
        raise OpsError("no size can be recommended; see the warnings")
    _recommend(choice, stage, tools)


def _recommend(choice: Choice, stage: Stage, tools: Tools) -> None:
    for name, size in (("cheapest", choice.cheapest), ("fastest", choice.fastest)):
        tools.report(f"{name}: {size.memory} MB, {size.typical:.1f} ms, {size.cost:.3f} USD")
    best = choice.recommended
    tools.report(
        f"recommended: {best.memory} MB, {best.typical:.1f} ms, {best.cost:.3f} USD: {_why(choice)}"
    )
    if stage.memory_mb == best.memory:
        tools.report(f"stage {stage.name} has this size already")
        return
    how = (
        f".venv/bin/chalice deploy --stage {stage.name}"
        if stage.deployed_rest_api()
        else f"make release STAGE={stage.name}"
    )
    tools.report(
        f"warning: stage {stage.name} has {stage.memory_mb} MB. To change it, write "
        f'"lambda_memory_size": {best.memory} into {stage.config_file.name}, a literal, '
        f"then: {how}"
    )


def _why(choice: Choice) -> str:
    if choice.least == choice.most:
        return "the only size that can be judged"
    if choice.recommended.memory == choice.least:
        return "more memory adds more to the cost, in per cent, than it takes off the time"
    brings = (
        "up to there, more memory takes more off the time, in per cent, than it adds to the cost"
    )
    if choice.recommended.memory == choice.most:
        return f"{brings}; larger sizes may, too (--sizes)"
    return f"{brings}; beyond, it does not"
