"""Changes that make a healthy stage worse."""

from typing import Any

from tests.integration.ops.case import Change


def metric(name: str, *values: tuple[int, float]) -> Change:
    return lambda ward: ward.values.update({name: list(values)})


def alarm(name: str, **state: Any) -> Change:
    return lambda ward: ward.alarms[name].update(state)


def parameter(part: str, key: str, value: str) -> Change:
    return lambda ward: ward.parameter(part, key, value)


def stack(part: str, **state: Any) -> Change:
    return lambda ward: ward.stacks[part].update(state)


def without(part: str) -> Change:
    return lambda ward: ward.stacks.pop(part)
