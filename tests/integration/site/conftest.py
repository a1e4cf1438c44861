"""A bucket and a distribution in moto, and sites to publish there."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.aws import mock_aws
from tests.integration.site.aws import Aws, Clients
from tests.integration.site.sites import WriteSite, write


@pytest.fixture(scope="session")
def clients() -> Iterator[Clients]:
    """Yield clients that reach moto only while `mock_aws` is active."""
    with closing(Clients()) as clients:
        yield clients


@pytest.fixture
def create_aws(clients: Clients) -> Iterator[Callable[[], Aws]]:
    """Yield `create_aws()`, which creates an empty bucket and a distribution."""
    with mock_aws():  # for this test alone: it patches the whole process
        yield lambda: Aws(clients)


@pytest.fixture
def aws(create_aws: Callable[[], Aws]) -> Aws:
    return create_aws()


@pytest.fixture
def write_site(tmp_path: Path) -> WriteSite:
    """Return `write_site("v1", files)`, which writes a directory with only these files."""

    def write_site(name: str, files: dict[str, str]) -> Path:
        return write(tmp_path / name, files)

    return write_site
