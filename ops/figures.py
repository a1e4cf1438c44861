"""The measured sizes as a table."""

from collections.abc import Sequence

from ops.sizing import Size, percentile

_COLUMNS = ["MB", "vCPU", "warm", "typical", "p50", "p90", "p99", "cold", "p50 cold"]
_COLUMNS += ["failed", "MB used", "USD/million"]


def table(measured: Sequence[Size]) -> list[str]:
    """Return the lines of a table: times in milliseconds, the cost of a million requests."""
    rows = [list(_COLUMNS)]
    for size in measured:
        shares = [(size.warm, 0.5), (size.warm, 0.9), (size.warm, 0.99), (size.cold, 0.5)]
        times = [_ms(percentile(values, share)) if values else "-" for values, share in shares]
        cells = [f"{size.memory}", f"{size.vcpus:.2f}", f"{len(size.warm)}", _ms(size.typical)]
        cells += [*times[:3], f"{len(size.cold)}", times[3]]
        rows.append([*cells, f"{size.failed}", f"{size.used}", f"{size.cost:.3f}"])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def _ms(value: float) -> str:
    return f"{value:.1f}"
