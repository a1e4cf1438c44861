"""The result as Markdown, as a picture, and as a verdict."""

from collections.abc import Sequence

from bench.function.report import machine, row, rule
from bench.load import chart
from bench.load.memory import LIMIT, MEGABYTE, Memory
from bench.load.step import Step

_PERCENTILES = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "max": 100.0}
_ROWS = 5  # of the table of memory, at most


def load_table(steps: Sequence[Step]) -> str:
    """Return two tables: the stack's responses, and the CPU time of each part."""
    columns = ["offered", "responses", *(f"{each}, ms" for each in _PERCENTILES), "errors"]
    lines = [
        f"{machine()}. {steps[0].seconds:g} seconds of each rate.",
        "",
        row([*columns]),
        rule(len(columns) - 1),
    ]
    for step in steps:
        latencies = [f"{step.latency(each):,.0f}" for each in _PERCENTILES.values()]
        lines.append(
            row([f"{step.rate:g}/s", f"{step.throughput:.1f}/s", *latencies, _errors(step)])
        )
    lines += [
        "",
        "Mean CPU time of one request, in milliseconds:",
        "",
        row(["offered", "the emulator", "the function's processes", "this generator"]),
        rule(3),
        *(row([f"{each.rate:g}/s", *(f"{work:.1f}" for work in each.cost)]) for each in steps),
    ]
    best = max(steps, key=lambda each: each.throughput)
    emulator, function, own = (f"{each / sum(best.cost) * 100:.0f} %" for each in best.cost)
    lines += [
        "",
        f"The highest throughput was {best.throughput:.0f} requests a second. Of its CPU time, "
        f"the emulator used {emulator}, the function {function}, and the load generator {own}.",
    ]
    return "\n".join(lines) + "\n"


def memory_table(memory: Memory) -> str:
    """Return some samples, including the first and the last, and the verdict."""
    points = memory.points
    last = len(points) - 1
    chosen = sorted({round(n * last / (_ROWS - 1)) for n in range(_ROWS)})
    lines = [row(["requests", "resident, MB"]), rule(1)]
    lines += [row([f"{points[n][0]:,.0f}", f"{points[n][1]:.1f}"]) for n in chosen]
    return "\n".join([*lines, "", verdict(memory)]) + "\n"


def verdict(memory: Memory) -> str:
    """Return a sentence that begins with the verdict."""
    word = "Flat" if memory.flat else "It grows"
    first, last = memory.points[0][0], memory.points[-1][0]
    return (
        f"{word}: {memory.growth / MEGABYTE:+.2f} MB from request {first:,.0f} to {last:,.0f}, "
        f"where the limit is {LIMIT / MEGABYTE:g} MB."
    )


def complaints(steps: Sequence[Step], memory: Memory) -> list[str]:
    """Return the complaints: memory growth, or an error at the lowest rate."""
    messages = [] if memory.flat else [verdict(memory)]
    if steps[0].errors:
        messages.append(f"errors at {steps[0].rate:g} requests a second: {_errors(steps[0])}")
    return messages


def picture(steps: Sequence[Step], memory: Memory) -> str:
    """Return the SVG: latencies, throughput, memory."""
    offered = "offered, requests a second"
    latencies = {
        name: [(each.rate, each.latency(percent)) for each in steps]
        for name, percent in _PERCENTILES.items()
    }
    throughput = {
        "responses": [(each.rate, each.throughput) for each in steps],
        "offered": [(each.rate, each.rate) for each in steps],
    }
    return chart.svg(
        "The local stack under load, and the function's memory",
        [
            chart.Panel("latency, milliseconds", offered, latencies, log=True),
            chart.Panel("successful responses a second", offered, throughput),
            chart.Panel("resident memory, MB", "requests", {"function": memory.points}),
        ],
    )


def _errors(step: Step) -> str:
    wrong, all = step.errors, len(step.answers)
    if not wrong:
        return "0 %"
    named = ", ".join(f"{status}: {count}" for status, count in sorted(wrong.items()))
    return f"{wrong.total() / all * 100:.1f} % ({named})"
