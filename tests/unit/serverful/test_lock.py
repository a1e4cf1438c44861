"""The container's packages equal the tests' packages, plus gunicorn."""

from serverful.__main__ import LOCK
from tests.infra.test_supply_chain import pins
from tools.project import PROJECT


def test_container_has_the_tested_versions() -> None:
    tested, container = (
        {each.name: str(each.specifier) for each, _ in pins(file.read_text()).values()}
        for file in (PROJECT / "requirements-run.txt", LOCK)
    )
    assert container.keys() - tested.keys() == {"gunicorn"}
    assert {name: tested.get(name, pin) for name, pin in container.items()} == container
