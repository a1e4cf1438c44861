"""Each parameter and each setting is changed, changed again, and changed back.

The tests need no emulator, because CloudFormation's schemas define replacements.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.infra.updates.choices import NOT_FLIPPED, SETTINGS, values
from tests.infra.updates.conftest import (
    PARTS,
    Templates,
    api_template,
    everything_on,
    update,
)
from tests.infra.updates.rehearsal import Account
from tools.templates import load


def flips() -> Iterator[Any]:
    # The packaged template has these parameters too.
    for part in PARTS:
        for name in load(f"{part}.yaml")["Parameters"]:
            if name not in NOT_FLIPPED:
                yield pytest.param(part, name, id=f"{part}-{name}")


def walk(part: str, template: Mapping[str, Any], name: str, given: Mapping[str, str]) -> list[str]:
    """Flip a parameter through all its values and back, twice. Return all refusals."""
    declared = template["Parameters"][name]
    start = given.get(name, str(declared.get("Default", "")))
    others = [*values(name, declared), str(declared.get("Default", ""))]
    account = Account()
    refusals = update(account, part, template, given)
    for value in [*others, start, *others, start]:
        found = update(account, part, template, {**given, name: value})
        refusals += [f"{name}={value}: {each}" for each in found]
    return refusals


@pytest.mark.parametrize("is_full", [False, True], ids=["default", "full"])
@pytest.mark.parametrize(("part", "name"), list(flips()))
def test_parameter_can_be_flipped_and_back(
    part: str, name: str, is_full: bool, template: Templates
) -> None:
    given = everything_on(template(part)) if is_full else {}
    assert walk(part, template(part), name, given) == []


def test_packaged_template_has_the_parameters(template: Templates) -> None:
    assert set(template("api")["Parameters"]) == set(load("api.yaml")["Parameters"])


@pytest.mark.long
@pytest.mark.parametrize("name", SETTINGS)
def test_setting_can_be_flipped_and_back(
    name: str, template: Templates, tmp_path_factory: pytest.TempPathFactory
) -> None:
    account, usual = Account(), template("api")
    flipped = api_template(tmp_path_factory.mktemp(name), SETTINGS[name])
    for each in (usual, flipped, usual, flipped):
        assert update(account, "api", each, {}) == []
