"""The API's contract at the embedded server."""

from pathlib import Path

import pytest

from tests import contract
from tests.chalice_local import ChaliceLocal
from tests.integration.chalice_cli.conftest import TokenOf


@pytest.mark.parametrize(
    ("examples", "scenarios", "at_least"),
    [(8, 4, 60), pytest.param(30, 15, 300, marks=pytest.mark.long)],
)
def test_responses_are_as_documented(
    examples: int,
    scenarios: int,
    at_least: int,
    server: ChaliceLocal,
    token_of: TokenOf,
    tmp_path: Path,
) -> None:
    tokens = {name: token_of(name) for name in ("contract-alice", "contract-bob")}
    api = contract.Api(server.url, tokens, unknown_method=404)

    report = contract.run(api, tmp_path, examples=examples, scenarios=scenarios)

    report.assert_good(at_least=at_least)
