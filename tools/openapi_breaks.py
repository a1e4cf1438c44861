"""Compare two OpenAPI 3.1 documents: find each change that can break a caller of the older one.

A caller breaks if the API refuses a request that it accepted, or if a response lacks a part that it
had. The messages below document each rule. A keyword without a rule counts as a break when it
changes.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

#: Keywords that refuse no value.
_ANNOTATIONS = {"title", "description", "examples", "example", "$comment", "deprecated"}
#: Keywords that the rules below read.
_STRUCTURE = {"type", "anyOf", "oneOf", "enum", "properties", "required", "items", "pattern"}
_STRUCTURE |= {"additionalProperties"}
#: Limits: a request breaks if an upper one falls, or if a lower one rises.
_UPPER = ("maxLength", "maxItems", "maximum", "exclusiveMaximum")
_LOWER = ("minLength", "minItems", "minimum", "exclusiveMinimum")


class Side(NamedTuple):
    """A document with the part of it that is compared."""

    document: Mapping[str, Any]
    part: Any

    def resolve(self) -> "Side":
        """Return the part that a `$ref` names, or this part."""
        side = self
        while isinstance(side.part, Mapping) and "$ref" in side.part:
            part: Any = self.document
            for name in side.part["$ref"].removeprefix("#/").split("/"):
                part = part[name.replace("~1", "/").replace("~0", "~")]
            side = Side(self.document, part)
        return side

    def at(self, *names: str) -> "Side":
        """Return a part of this part, with an empty object for a missing part."""
        side = self.resolve()
        for name in names:
            side = Side(side.document, side.part.get(name, {})).resolve()
        return side


def find_breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the changes from `old` to `new` that can break a caller, a line each."""
    before, after = Side(old, old), Side(new, new)
    lines: list[str] = []
    for path, methods in old["paths"].items():
        for method in methods:
            where = f"{method.upper()} {path}"
            if method not in new["paths"].get(path, {}):
                lines.append(f"{where}: removed")
                continue
            changes = _operation(before.at("paths", path, method), after.at("paths", path, method))
            lines += [f"{where}: {line}" for line in changes]
    return lines


def _operation(old: Side, new: Side) -> Iterator[str]:
    if sorted(map(str, old.part.get("security", []))) != sorted(
        map(str, new.part.get("security", []))
    ):
        yield "security changed"
    yield from _parameters(old, new)
    yield from _body(old, new)
    yield from _responses(old, new)


def _parameters(old: Side, new: Side) -> Iterator[str]:
    olds, news = _by_name(old), _by_name(new)
    for name, parameter in olds.items():
        if name not in news:
            yield f"parameter {name} removed"
            continue
        if news[name].part.get("required") and not parameter.part.get("required"):
            yield f"parameter {name} is required now"
        yield from _request(parameter.at("schema"), news[name].at("schema"), f"parameter {name}")
    for name in news.keys() - olds.keys():
        if news[name].part.get("required"):
            yield f"parameter {name} is new and required"


def _by_name(operation: Side) -> dict[str, Side]:
    parameters = [
        Side(operation.document, each).resolve() for each in operation.part.get("parameters", [])
    ]
    return {f"{each.part['name']} in {each.part['in']}": each for each in parameters}


def _body(old: Side, new: Side) -> Iterator[str]:
    before, after = old.at("requestBody"), new.at("requestBody")
    if after.part.get("required") and not before.part.get("required"):
        yield "the body is required now"
    for media in before.at("content").part:
        if media not in after.at("content").part:
            yield f"body of {media} removed"
        else:
            yield from _request(
                before.at("content", media, "schema"), after.at("content", media, "schema"), "body"
            )


def _responses(old: Side, new: Side) -> Iterator[str]:
    for status in old.at("responses").part:
        before = old.at("responses", status)
        # An error that no longer occurs breaks no caller.
        if status not in new.at("responses").part:
            if status < "4":
                yield f"response {status} removed"
            continue
        after = new.at("responses", status)
        for header in before.at("headers").part.keys() - after.at("headers").part.keys():
            yield f"response {status}: header {header} removed"
        for media in before.at("content").part:
            where = f"response {status}"
            if media not in after.at("content").part:
                yield f"{where}: {media} removed"
            else:
                yield from _response(
                    before.at("content", media, "schema"),
                    after.at("content", media, "schema"),
                    where,
                )


def _request(old: Side, new: Side, where: str) -> Iterator[str]:
    """Yield the values that `old` accepts and `new` refuses."""
    yield from _covered(old, new, where, narrowed=True)


def _response(old: Side, new: Side, where: str) -> Iterator[str]:
    """Yield the values that `new` may have and `old` had not."""
    yield from _covered(new, old, where, narrowed=False)


def _covered(inner: Side, outer: Side, where: str, *, narrowed: bool) -> Iterator[str]:
    """Yield the reasons why a value of `inner` may be invalid in `outer`.

    A request has the old schema as `inner`, a response the new schema.
    """
    inners, outers = _alternatives(inner), _alternatives(outer)
    for one in inners:
        tried = [list(_within(one, other, where, narrowed=narrowed)) for other in outers]
        if [] in tried:
            continue
        if len(inners) == len(outers) == 1:
            yield from tried[0]
        else:
            kind = one.part.get("type", "a value")
            yield f"{where}: {kind} {'rejected now' if narrowed else 'is new, or changed'}"


def _alternatives(schema: Side) -> list[Side]:
    """Return the schemas of which a value meets one, each with one type."""
    schema = schema.resolve()
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema.part:
            rest = {key: each for key, each in schema.part.items() if key != keyword}
            parts = [Side(schema.document, each).resolve() for each in schema.part[keyword]]
            return [
                alternative
                for each in parts
                for alternative in _alternatives(Side(schema.document, {**rest, **each.part}))
            ]
    types = schema.part.get("type")
    if isinstance(types, list):
        return [Side(schema.document, {**schema.part, "type": each}) for each in types]
    return [schema]


def _within(inner: Side, outer: Side, where: str, *, narrowed: bool) -> Iterator[str]:
    old, new = (inner.part, outer.part) if narrowed else (outer.part, inner.part)
    kinds = (inner.part.get("type"), outer.part.get("type"))
    if kinds[0] != kinds[1] and kinds not in (("integer", "number"), (kinds[0], None)):
        yield f"{where}: type was {old.get('type')}, is {new.get('type')}"
        return
    if "enum" in outer.part:
        for value in inner.part.get("enum", ["any other value"]):
            if value not in outer.part["enum"]:
                yield f"{where}: {value} {'rejected now' if narrowed else 'is new'}"
    # A limit of a response may change, because a caller has no need to check it.
    if narrowed:
        yield from _limits(old, new, where)
    others = (old.keys() | new.keys()) - _ANNOTATIONS - _STRUCTURE - {*_UPPER, *_LOWER}
    for keyword in sorted(others):
        if old.get(keyword) != new.get(keyword):
            yield f"{where}: {keyword} was {old.get(keyword)}, is {new.get(keyword)}"
    yield from _members(inner, outer, where, narrowed=narrowed)


def _limits(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for keywords, sign in ((_UPPER, 1), (_LOWER, -1)):
        for keyword in keywords:
            if keyword in new and (keyword not in old or sign * new[keyword] < sign * old[keyword]):
                yield f"{where}: {keyword} was {old.get(keyword, 'none')}, is {new[keyword]}"
    if "pattern" in new and old.get("pattern") != new["pattern"]:
        yield f"{where}: pattern was {old.get('pattern', 'none')}, is {new['pattern']}"


def _members(inner: Side, outer: Side, where: str, *, narrowed: bool) -> Iterator[str]:
    """Compare an object's fields and a list's elements."""
    fields = inner.at("properties").part, outer.at("properties").part
    # A request breaks by a new required field, a response by a field that is no longer required.
    for name in outer.part.get("required", []):
        if name not in inner.part.get("required", []):
            removed = not narrowed and name not in fields[0]
            change = "required now" if narrowed else "removed" if removed else "optional now"
            yield f"{where}: {name} {change}"
    if narrowed:
        lost = fields[0].keys() - fields[1].keys()
    else:
        lost = fields[1].keys() - fields[0].keys() - set(outer.part.get("required", []))
    if not narrowed or outer.part.get("additionalProperties", True) is False:
        yield from (f"{where}: {name} removed" for name in sorted(lost))
    if narrowed and _is_open(inner) and not _is_open(outer):
        yield f"{where}: unknown fields rejected now"
    for name in fields[0].keys() & fields[1].keys():
        yield from _covered(
            inner.at("properties", name),
            outer.at("properties", name),
            f"{where}: {name}",
            narrowed=narrowed,
        )
    if "items" in outer.part:
        element = f"{where}: element"
        yield from _covered(inner.at("items"), outer.at("items"), element, narrowed=narrowed)


def _is_open(schema: Side) -> bool:
    return bool(schema.part.get("additionalProperties", True))
