"""Stages as they would be deployed, packaged once for all tests."""

from functools import cache

import pytest

from tests.infra.permissions.check import Scenes
from tests.infra.permissions.demands import Demand, demands
from tests.infra.permissions.scene import Scene


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    """Return `scene(app, stage, is_full)`, a stage as deployed."""

    @cache
    def made(app: str, stage: str, is_full: bool) -> Scene:
        return Scene(app, stage, tmp_path_factory.mktemp(stage), is_full)

    def scene(app: str, stage: str, is_full: bool = True) -> Scene:
        return made(app, stage, is_full)  # one key for one scene

    return scene


@pytest.fixture(scope="session")
def everything(scene: Scenes) -> list[Demand]:
    return list(demands(scene("items", "prod").resources))
