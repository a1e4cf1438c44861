"""The API's contract at the embedded server."""

from pathlib import Path

import pytest

from tests import contract
from tests.chalice_local import ChaliceLocal
from tests.integration.conftest import TokenOf


# Only with `--long`: the other servers have a short run each, of the same application.
@pytest.mark.parametrize("size", contract.AT_A_SERVER[1:], ids=str)
def test_responses_are_as_documented(
    size: contract.Size,
    server: ChaliceLocal,
    token_of: TokenOf,
    tmp_path: Path,
) -> None:
    tokens = {name: token_of(name) for name in ("contract-alice", "contract-bob")}
    api = contract.Api(server.url, tokens, unknown_method=404)

    report = contract.run(api, tmp_path, size)

    report.assert_good(at_least=size.at_least)
