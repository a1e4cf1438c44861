"""The API's contract, as deployed: the real gateway, its authorizer, and the packaged function."""

from pathlib import Path
from typing import Any

import pytest

from tests import contract
from tests.e2e.conftest import Newcomer, TokenOf


@pytest.mark.parametrize("size", contract.AT_A_SERVER, ids=str)
def test_responses_are_as_documented(
    size: contract.Size,
    stack: dict[str, Any],
    token_of: TokenOf,
    newcomer: Newcomer,
    tmp_path: Path,
) -> None:
    # A separate user, because other tests count their users' items.
    tokens = {name: token_of(newcomer(name)) for name in ("alice", "bob")}
    api = contract.Api(stack["api_url"], tokens, unknown_method=404)

    report = contract.run(api, tmp_path, size)

    report.assert_good(at_least=size.at_least)
