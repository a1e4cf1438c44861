"""The result as Markdown, and as JSON."""

import os
import platform
import re
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.function.candidate import BASE, OURS
from bench.function.result import KINDS, MEASURES, Result

#: A document has the measurements between these marks.
BEGIN, END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"


def place(text: str, document: Path) -> None:
    """Replace the text between the document's two marks."""
    between = re.compile(f"(?<={re.escape(BEGIN)}).*(?={re.escape(END)})", re.DOTALL)
    document.write_text(between.sub(lambda _: text, document.read_text()))


def machine() -> str:
    """Return the description of this computer, without its name."""
    python, tls = platform.python_version(), ssl.OPENSSL_VERSION.split()[1]
    system = f"{platform.system()} on {platform.machine()}"
    return f"{os.cpu_count()} processors, {system}, Python {python}, OpenSSL {tls}"


def markdown(result: Result, titles: Mapping[str, str]) -> str:
    """Return two tables: ratios, then medians. `titles` has the candidates' titles, in order."""
    lines = [
        f"{machine()}. {len(result.cold)} cold starts of each, and {len(result.warm)} blocks of "
        "warm requests.",
        "",
        "Ratios to the byte-compiled bare handler, measured at the same time: the median, and the "
        "quartiles in parentheses.",
        "",
        row(["", *MEASURES.values()]),
        rule(len(MEASURES)),
    ]
    for name, title in titles.items():
        lines.append(row([title, *(str(result.ratio(name, measure)) for measure in MEASURES)]))
    columns = ["", "import", "first GET", "second GET", "first to second"]
    columns += ["GET", "list of 25", "PUT"]
    lines += [
        "",
        "Medians in milliseconds: the wall-clock time of a new process, then the CPU time of "
        "a warm request.",
        "",
        row(columns),
        rule(len(columns) - 1),
    ]
    for name, title in titles.items():
        starts = [f"{each:.1f}" for each in result.starts(name)]
        first = f"{result.first_to_second(name).median:.1f}"
        warm = [f"{result.median(name, kind):.2f}" for kind in KINDS]
        lines.append(row([title, *starts, first, *warm]))
    return "\n".join(lines) + "\n"


def variants(result: Result, titles: Mapping[str, str]) -> str:
    """Return a table of variants, as ratios to our candidate."""
    measures = {name: title for name, title in MEASURES.items() if name != "plain"}
    lines = [
        "Ratios to the unchanged application:",
        "",
        row(["", *measures.values()]),
        rule(len(measures)),
    ]
    for name, title in titles.items():
        ratios = (str(result.ratio(name, measure, to=OURS)) for measure in measures)
        lines.append(row([title, *ratios]))
    return "\n".join(lines) + "\n"


def document(result: Result) -> dict[str, Any]:
    """Return all measurements for JSON: milliseconds, by block and candidate."""
    return {
        "machine": machine(),
        "base": BASE,
        "cold": [
            {
                name: {part: took._asdict() for part, took in each._asdict().items()}
                for name, each in block.items()
            }
            for block in result.cold
        ],
        "warm": list(result.warm),
        "complaints": result.complaints(),
    }


def row(cells: Sequence[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def rule(columns: int) -> str:
    """Return the line below a table's head, with `columns` columns after the first."""
    return "|---" * (columns + 1) + "|"
