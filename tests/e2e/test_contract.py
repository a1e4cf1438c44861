"""The API's contract, as deployed: the real gateway, its authorizer, and the packaged function."""

from pathlib import Path
from typing import Any

from tests import contract
from tests.e2e.conftest import Newcomer, TokenOf


def test_three_hundred_requests_are_answered_as_documented(
    stack: dict[str, Any], token_of: TokenOf, newcomer: Newcomer, tmp_path: Path
) -> None:
    # Nobody else's, whose items other tests count.
    tokens = {name: token_of(newcomer(name)) for name in ("alice", "bob")}
    api = contract.Api(stack["api_url"], tokens, unknown_method=404)

    report = contract.run(api, tmp_path, examples=30, scenarios=15)

    report.assert_good(at_least=300)
