"""A bucket and a distribution in moto, and sites to publish there."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from moto import mock_aws

from tests.integration.site.aws import Aws, Clients
from tests.integration.site.sites import SiteOf, write


@pytest.fixture(scope="session")
def clients() -> Iterator[Clients]:
    """Clients for moto, which they reach only while `mock_aws` is active."""
    with closing(Clients()) as clients:
        yield clients


@pytest.fixture
def aws_of(clients: Clients) -> Iterator[Callable[[], Aws]]:
    """`aws_of()`: a new, empty bucket and a distribution."""
    with mock_aws():  # for this test alone: it patches the whole process
        yield lambda: Aws(clients)


@pytest.fixture
def aws(aws_of: Callable[[], Aws]) -> Aws:
    return aws_of()


@pytest.fixture
def site_of(tmp_path: Path) -> SiteOf:
    """`site_of("v1", files)`: a directory with these files and no others."""

    def site_of(name: str, files: dict[str, str]) -> Path:
        return write(tmp_path / name, files)

    return site_of
