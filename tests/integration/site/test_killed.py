"""A deployment that is killed at each of its operations.

The kill comes before AWS receives the operation, or after AWS has carried it out.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from infra.site.headers import Serving
from infra.site.invalidation import encode
from infra.site.manifest import MANIFEST_KEY
from tests.integration.site.aws import Aws, Call, Killed
from tests.integration.site.sites import V1, V2, WriteSite, assets_of

MOST_OPERATIONS = 60  # far more than any of these runs has

Start = Callable[[], Aws]


class Watch:
    """Check after each call that a visitor finds whole pages and all of their assets."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.seen = 0
        aws.observe = self.look

    def look(self, call: Call | None = None) -> None:
        if call and not (call.deleted or (call.operation == "PutObject" and ".html" in call.key)):
            return  # it changes no page and deletes no asset
        self.seen += 1
        keys = self.aws.published()
        for key in keys:
            if key.endswith(".html"):
                live = self.aws.read(key)
                assert live in (V1.get(key), V2.get(key)), f"after {call}, {key} is torn"
                for asset in assets_of(live):
                    assert asset in keys, f"after {call}, {key} names {asset}, which is absent"


def assert_holds(aws: Aws, site: dict[str, str]) -> None:
    """Assert that the bucket holds exactly this site, with its headers."""
    assert aws.published() == {*site, "config.json"}
    for key, content in site.items():
        assert aws.read(key) == content
        assert aws.headers(key) == Serving().serve(key)[0]
    assert json.loads(aws.read("config.json")) == dict(aws.target.config)
    assert aws.manifest()["pending"] is None


def assert_invalidated(calls: list[Call], before: dict[str, str], aws: Aws) -> None:
    """Assert that every changed mutable file was invalidated after its last write."""
    now = {key: aws.read(key) for key in aws.published()}
    for key in before.keys() | now.keys():
        if Serving().is_immutable(key) or before.get(key) == now.get(key):
            continue
        writes = (call.operation == "PutObject" and call.key == key for call in calls)
        deletes = (key in call.deleted for call in calls)
        last = max(
            n for n, (put, gone) in enumerate(zip(writes, deletes, strict=True)) if put or gone
        )
        paths = {path for call in calls[last:] for path in call.paths}
        assert encode(key) in paths, key
        if key.endswith("index.html"):
            assert encode(key.removesuffix("index.html")) in paths, key


def sweep(
    start: Start,
    interrupted: Callable[[Aws], object],
    finishing: Callable[[Aws], object],
    result: dict[str, str],
    before: bool = True,
) -> int:
    """Kill `interrupted` at each of its operations. `finishing` must then lead to `result`.

    Return the number of operations.
    """
    looks = 0
    for index in range(MOST_OPERATIONS):
        aws = start()
        live = {key: aws.read(key) for key in aws.published()}
        aws.calls.clear()
        watch = Watch(aws)
        aws.kill_at(index, before)
        try:
            interrupted(aws)
            finished = True
        except Killed:
            finished = False
        aws.kill_at(None)
        watch.look()
        finishing(aws)
        finishing(aws)  # the first takes over, and makes no deletion
        looks += watch.seen
        assert_holds(aws, result)
        assert_invalidated(aws.calls, live, aws)
        aws.calls.clear()
        finishing(aws)
        assert aws.writes() == [], "a further run writes"
        if finished:
            assert looks > 2 * index
            return index
    raise AssertionError("it never ended")


@pytest.fixture
def v1(write_site: WriteSite) -> Path:
    return write_site("v1", V1)


@pytest.fixture
def v2(write_site: WriteSite) -> Path:
    return write_site("v2", V2)


@pytest.fixture
def with_v1(create_aws: Callable[[], Aws], v1: Path) -> Start:
    def start() -> Aws:
        aws = create_aws()
        aws.deploy(v1, no_verify=True)
        return aws

    return start


def exact(source: Path) -> Callable[[Aws], object]:
    """Return a deployment that deletes all other files at once."""
    return lambda aws: aws.deploy(source, delete=True, grace_days=0)


@pytest.mark.long
def test_killed_first_deployment_can_be_finished(create_aws: Callable[[], Aws], v1: Path) -> None:
    assert sweep(create_aws, exact(v1), exact(v1), V1) >= 11


# The sweeps are long. tests/unit/site/test_protocol.py kills at each call in every run.
@pytest.mark.long
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_killed_release_can_be_finished(before: bool, with_v1: Start, v2: Path) -> None:
    assert sweep(with_v1, exact(v2), exact(v2), V2, before) >= 13


@pytest.mark.long
def test_killed_release_can_be_abandoned(with_v1: Start, v1: Path, v2: Path) -> None:
    assert sweep(with_v1, exact(v2), exact(v1), V1) >= 13


@pytest.mark.long
def test_killed_rollback_can_be_finished(with_v1: Start, v1: Path, v2: Path) -> None:
    def with_both() -> Aws:
        aws = with_v1()
        aws.deploy(v2)
        return aws

    assert sweep(with_both, lambda aws: aws.deploy(v1, rollback=True), exact(v1), V1) >= 13


@pytest.mark.parametrize(
    "index",
    [4, 10, 14, *(pytest.param(n, marks=pytest.mark.long) for n in (0, 2, 6, 8, 12, 16, 18))],
)
def test_kill_among_parallel_uploads_is_harmless(index: int, with_v1: Start, v2: Path) -> None:
    aws = with_v1()
    watch = Watch(aws)
    aws.kill_at(index, before=bool(index % 4))
    with suppress(Killed):
        aws.deploy(v2, workers=8)
    aws.kill_at(None)
    watch.look()
    for _ in range(2):  # the first takes over, and makes no deletion
        aws.deploy(v2, workers=8, delete=True, grace_days=0)
    assert_holds(aws, V2)


def test_second_kill_keeps_the_intent(with_v1: Start, v1: Path, write_site: WriteSite) -> None:
    """The first run leaves a file in doubt, and the second does not touch it.

    Other headers keep the ETag, so only the intent shows the write.
    """
    aws = with_v1()
    aws.serving = Serving.of_settings({"site_cache_control": {r"favicon\.svg": "max-age=60"}})
    v2 = write_site("v2", {**V1, "index.html": V2["index.html"].replace("bbbb2222", "aaaa1111")})
    for key in ("PutObject favicon.svg", MANIFEST_KEY):
        aws.calls.clear()
        aws.observe = partial(_kill_after, key=key)
        with pytest.raises(Killed):
            aws.deploy(v2)
    aws.observe = lambda _call: None
    aws.serving = Serving()
    aws.deploy(v1)
    assert_holds(aws, V1)


def _kill_after(call: Call, key: str) -> None:
    if str(call).endswith(key) and call.operation == "PutObject":
        raise Killed
