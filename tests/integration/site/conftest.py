"""A bucket and a distribution in moto, and sites to publish there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from tests.integration.site.aws import Aws
from tests.integration.site.sites import SiteOf, write


@pytest.fixture(scope="module")
def aws_of() -> Iterator[Callable[[], Aws]]:
    """`aws_of()`: a new, empty bucket and a distribution."""
    with mock_aws():
        made: list[Aws] = []

        def aws_of() -> Aws:
            made.append(Aws(made[0] if made else None))
            return made[-1]

        yield aws_of
        made[0].close()


@pytest.fixture
def aws(aws_of: Callable[[], Aws]) -> Aws:
    return aws_of()


@pytest.fixture
def site_of(tmp_path: Path) -> SiteOf:
    """`site_of("v1", files)`: a directory with these files and no others."""

    def site_of(name: str, files: dict[str, str]) -> Path:
        return write(tmp_path / name, files)

    return site_of
