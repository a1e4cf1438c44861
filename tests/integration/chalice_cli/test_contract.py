"""The API's contract at the embedded server."""

from pathlib import Path

from tests import contract
from tests.chalice_local import ChaliceLocal
from tests.integration.chalice_cli.conftest import TokenOf


def test_three_hundred_requests_are_as_documented(
    server: ChaliceLocal, token_of: TokenOf, tmp_path: Path
) -> None:
    tokens = {name: token_of(name) for name in ("contract-alice", "contract-bob")}
    api = contract.Api(server.url, tokens, unknown_method=404)

    report = contract.run(api, tmp_path, examples=30, scenarios=15)

    report.assert_good(at_least=300)
