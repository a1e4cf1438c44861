"""Compare a restored table with its source: their shape, their counts, a random sample both ways.

The source has changed since the moment of the restore. A later write is recognized by its time
(`created_at`, `updated_at`), and is no difference. A later deletion leaves no trace, and is a
difference. Only a person can distinguish it from a fault.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ops.recovery import require_table, text_of
from ops.tools import Tools

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, TableDescriptionTypeDef

# An item's time is the start of its request. The write is later, by at most the longest duration
# of a request. So a time this shortly before the moment may belong to a write after it.
_MARGIN = timedelta(seconds=10)
_BATCH, _SHOWN = 100, 5
_SHARE = 0.5  # of a provisioned table's reads
_REPORT_EVERY = 100_000

Key = tuple[tuple[str, str, Any], ...]
Record = dict[str, "AttributeValueTypeDef"]


@dataclass
class Comparison:
    """The result of a comparison. The lists hold keys."""

    counts: tuple[int, int] = (0, 0)
    compared: int = 0
    newer: int = 0
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    shape: list[str] = field(default_factory=list)

    def differences(self) -> list[str]:
        """Return a line for each kind of difference, an empty list if the tables agree."""
        lines = [f"the tables differ in their {name}" for name in self.shape]
        source, target = self.counts
        if source != target:
            lines.append(
                f"{source} items existed at the restored moment, and {target} are restored"
            )
        for keys, difference in (
            (self.missing, "are not in the restored table"),
            (self.extra, "are only in the restored table: deleted since, or never there"),
            (self.different, "differ, although their updated_at is before the restored moment"),
        ):
            if keys:
                shown = ", ".join(keys[:_SHOWN]) + (", …" if len(keys) > _SHOWN else "")
                lines.append(f"{len(keys)} of the items compared {difference}: {shown}")
        return lines


class _Pace:
    """Leaves half of a provisioned table's reads to its users."""

    def __init__(self, tools: Tools, table: "TableDescriptionTypeDef") -> None:
        self._sleep = tools.sleep
        on_demand = table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
        units = table.get("ProvisionedThroughput", {}).get("ReadCapacityUnits", 0)
        self._units_per_second = 0 if on_demand else _SHARE * units

    def hold(self, consumed: "Mapping[str, Any]") -> None:
        """Sleep for as long as the consumed units take."""
        if self._units_per_second:
            self._sleep(consumed.get("CapacityUnits", 0.0) / self._units_per_second)


class Tables:
    """The two tables, whose keys are alike."""

    def __init__(self, tools: Tools, source: str, target: str) -> None:
        self._tools = tools
        self._dynamodb = tools.client("dynamodb")
        self._names = (source, target)
        found = {name: require_table(self._dynamodb, name) for name in self._names}
        self._pace = {name: _Pace(tools, table) for name, table in found.items()}
        self._shapes = [_shape(table) for table in found.values()]
        self._key = [each["AttributeName"] for each in found[source]["KeySchema"]]

    def compare(self, moment: datetime, sample: int) -> Comparison:
        """Compare up to `sample` items of each table, and all items of a smaller table."""
        settled = text_of(moment - _MARGIN)
        result = Comparison()
        result.shape = [
            name for name, value in self._shapes[0].items() if self._shapes[1][name] != value
        ]
        keys: dict[Key, None] = {}
        counts = []
        for name in self._names:
            count, chosen = self._sample(name, settled, sample)
            counts.append(count)
            keys.update(dict.fromkeys(chosen))
        result.counts = (counts[0], counts[1])
        for batch in _batches(list(keys)):
            source, target = (self._read(name, batch) for name in self._names)
            for key in batch:
                _judge(result, _text(key), source.get(key), target.get(key), settled)
        return result

    def _sample(self, table: str, settled: str, size: int) -> tuple[int, list[Key]]:
        """Return the number of settled items, and a random sample of all (by reservoir)."""
        wanted = {f"#{n}": name for n, name in enumerate([*self._key, "created_at"])}
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=table,
            ProjectionExpression=", ".join(wanted),
            ExpressionAttributeNames=wanted,
            ReturnConsumedCapacity="TOTAL",
        )
        count = 0
        chosen: list[Key] = []
        for seen, item in enumerate(self._items(table, pages)):
            count += not _later(item, "created_at", settled)
            if len(chosen) < size:
                chosen.append(self._key_of(item))
            elif (place := self._tools.sampler.randrange(seen + 1)) < size:
                chosen[place] = self._key_of(item)
            if seen and seen % _REPORT_EVERY == 0:
                self._tools.report(f"{table}: {seen:,} items counted")
        return count, chosen

    def _items(self, table: str, pages: "Iterable[Mapping[str, Any]]") -> Iterator[Record]:
        for page in pages:
            yield from page["Items"]
            self._pace[table].hold(page.get("ConsumedCapacity", {}))

    def _read(self, table: str, keys: list[Key]) -> dict[Key, Record]:
        found: dict[Key, Record] = {}
        wanted: Sequence[Mapping[str, Any]]
        wanted = [{name: {kind: value} for name, kind, value in key} for key in keys]
        pause = 0.1
        while wanted:
            answer = self._dynamodb.batch_get_item(
                RequestItems={table: {"Keys": wanted, "ConsistentRead": True}},
                ReturnConsumedCapacity="TOTAL",
            )
            for consumed in answer.get("ConsumedCapacity", []):
                self._pace[table].hold(consumed)
            found |= {self._key_of(item): item for item in answer["Responses"][table]}
            left = answer.get("UnprocessedKeys", {}).get(table)
            wanted = left["Keys"] if left else []
            if wanted:
                self._tools.sleep(pause)
                pause = min(2 * pause, 5.0)
        return found

    def _key_of(self, item: Record) -> Key:
        return tuple((name, *next(iter(item[name].items()))) for name in self._key)


def _judge(
    result: Comparison, key: str, source: Record | None, target: Record | None, settled: str
) -> None:
    if source is None and target is None:  # it was deleted while we looked
        return
    result.compared += 1
    if source == target:
        return
    written = "updated_at" if source and target else "created_at"
    if _later(source or target or {}, written, settled):
        result.newer += 1
    elif target is None:
        result.missing.append(key)
    elif source is None:
        result.extra.append(key)
    else:
        result.different.append(key)


def _later(item: Record, name: str, settled: str) -> bool:
    return str(item.get(name, {}).get("S", "")) > settled


def _shape(table: "TableDescriptionTypeDef") -> dict[str, Any]:
    indexes = table.get("GlobalSecondaryIndexes", [])
    return {
        "key": table["KeySchema"],
        "attributes": sorted(
            (each["AttributeName"], each["AttributeType"]) for each in table["AttributeDefinitions"]
        ),
        "indexes": sorted(
            (
                index["IndexName"],
                str(index["KeySchema"]),
                index["Projection"]["ProjectionType"],
                sorted(index["Projection"].get("NonKeyAttributes", [])),
            )
            for index in indexes
        ),
        "encryption": table.get("SSEDescription", {}).get("KMSMasterKeyArn"),
    }


def _text(key: Key) -> str:
    return "/".join(str(value) for _, _, value in key)


def _batches(keys: list[Key]) -> Iterator[list[Key]]:
    starts: Iterable[int] = range(0, len(keys), _BATCH)
    return (keys[start : start + _BATCH] for start in starts)
