"""The API's contract at gunicorn."""

from pathlib import Path

import pytest

from tests import contract
from tests.integration.conftest import TokenOf
from tests.integration.serverful.image import Server


# Only with `--long`: the deployed application has a short run.
@pytest.mark.parametrize("size", contract.AT_A_SERVER[1:], ids=str)
def test_responses_are_as_documented(
    size: contract.Size, server: Server, token_of: TokenOf, tmp_path: Path
) -> None:
    tokens = {name: token_of(name) for name in ("contract-alice", "contract-bob")}
    api = contract.Api(server.url, tokens, unknown_method=404)

    report = contract.run(api, tmp_path, size)

    report.assert_good(at_least=size.at_least)
