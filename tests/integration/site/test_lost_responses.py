"""One lost response at each call. The SDK repeats the request, and no other deployment runs."""

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from moto.core.models import botocore_stubber

from tests.integration.site.aws import Aws
from tests.integration.site.sites import V1, V2, WriteSite

MOST_CALLS = 40


def lose(aws: Aws, index: int) -> list[str]:
    """Lose the response to the call of this index. Return a list that then names it."""
    lost: list[str] = []
    seen: list[Any] = []

    def respond(event_name: str, request: Any, **_: Any) -> None:
        seen.append(request)
        if len(seen) == index + 1:
            botocore_stubber(event_name, request)
            lost.append(f"{request.method} {request.url}")
            raise ConnectionClosedError(endpoint_url=request.url)

    for service in ("s3", "cloudfront"):
        client = aws.create_retrying(
            service, Config(retries={"mode": "standard", "total_max_attempts": 3})
        )
        client.meta.events.register_first("before-send", respond)
        setattr(aws, service, client)
    return lost


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.long)])
def test_lost_response_is_repeated(
    step: int, create_aws: Any, write_site: WriteSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    v1, v2 = write_site("v1", V1), write_site("v2", V2)
    for index in range(0, MOST_CALLS, step):
        aws: Aws = create_aws()
        aws.deploy(v1, no_verify=True)
        lost = lose(aws, index)
        aws.deploy(v2, delete=True, grace_days=0)
        if not lost:
            break
        assert aws.published() == {*V2, "config.json"}, lost
        assert {key: aws.read(key) for key in V2} == V2, lost
        assert aws.manifest()["pending"] is None
    assert index > 12
