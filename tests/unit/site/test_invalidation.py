"""CloudFront's invalidation: its paths, their folding, the request and the wait."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.session import get_session
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from infra.site.errors import NotInvalidated
from infra.site.headers import Serving
from infra.site.invalidation import Distribution, encode, fold, paths_of


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("index.html", "/index.html"),
        ("a b.txt", "/a%20b.txt"),
        ("ü.txt", "/%C3%BC.txt"),
        ("100%.txt", "/100%25.txt"),
        ("a+b=c&d@e;f:g,h!i'j(k)$.txt", "/a+b=c&d@e;f:g,h!i'j(k)$.txt"),
        ("~me/[1]{2}|^`.txt", "/%7Eme/%5B1%5D%7B2%7D%7C%5E%60.txt"),
        ('<"#?*>.txt', "/%3C%22%23%3F%2A%3E.txt"),
    ],
)
def test_path_is_encoded_for_cloudfront(key: str, path: str) -> None:
    assert encode(key) == path


@pytest.mark.parametrize(
    ("keys", "paths"),
    [
        ([], set()),
        (["index.html"], {"/", "/index.html"}),
        (["x/index.html"], {"/x/", "/x/index.html"}),
        (["x/my-index.html"], {"/x/my-index.html"}),
        (["assets/app-12345678.js", "favicon.ico"], {"/favicon.ico"}),
    ],
)
def test_index_invalidates_its_folder(keys: list[str], paths: set[str]) -> None:
    assert paths_of(keys, Serving()) == paths


def numbered(pattern: str, count: int) -> set[str]:
    return {pattern.format(n) for n in range(count)}


@pytest.mark.parametrize(
    ("paths", "keys", "folded"),
    [
        (set(), [], []),
        (numbered("/x/{}", 15), [], sorted(numbered("/x/{}", 15))),
        (numbered("/x/{}", 16), [], ["/x/*"]),
        (numbered("/x/{}", 16) | {"/y/1"}, [], ["/x/*", "/y/1"]),
        (numbered("/x/y/{}", 16) | {"/x/1"}, [], ["/x/1", "/x/y/*"]),
        # Files of the root have no prefix of their own.
        (numbered("/{}", 100), [], sorted(numbered("/{}", 100))),
        (numbered("/{}", 101), [], ["/*"]),
        # Many directories with few files in each.
        (numbered("/x/{}/index.html", 101), [], ["/*"]),
        (numbered("/x{0}/1", 60) | numbered("/x{0}/2", 60), [], ["/*"]),
        # More wildcards than CloudFront accepts.
        ({f"/{d}/{n}" for d in range(16) for n in range(16)}, [], ["/*"]),
        # No wildcard covers an immutable file.
        (
            numbered("/assets/{}.json", 16),
            ["assets/app-12345678.js"],
            sorted(numbered("/assets/{}.json", 16)),
        ),
        ({"/*", "/x"}, [], ["/*"]),
    ],
)
def test_many_paths_are_folded(paths: set[str], keys: list[str], folded: list[str]) -> None:
    assert fold(paths, keys, Serving()) == folded


NAMES = st.sampled_from(["a", "b", "c.txt", "app-12345678.js", "index.html", "é ~"])
KEYS = st.lists(NAMES, min_size=1, max_size=4).map("/".join) | st.tuples(
    st.sampled_from(["", "x/", "x/y/", "assets/"]), st.integers(0, 999)
).map(lambda pair: f"{pair[0]}{pair[1]}.txt")


@given(st.sets(KEYS, max_size=200), st.sets(KEYS, max_size=20))
def test_folded_paths_cover_no_immutable_file(changed: set[str], others: set[str]) -> None:
    """They cover each changed file, within CloudFront's limits."""
    folded = fold(paths_of(changed, Serving()), changed | others, Serving())
    assert len(folded) <= 100
    assert sum(path.endswith("*") for path in folded) <= 15
    for path in paths_of(changed, Serving()):
        assert any(covers(pattern, path) for pattern in folded)
    for key in filter(Serving().is_immutable, changed | others):
        assert folded == ["/*"] or not any(covers(pattern, encode(key)) for pattern in folded)


def covers(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


class CloudFront:
    """Returns, or raises, one result after the other."""

    def __init__(self, *results: Any) -> None:
        self._results: Iterator[Any] = iter(results)
        self.requests: list[dict[str, Any]] = []

    def create_invalidation(self, **request: Any) -> Any:
        self.requests.append(request)
        result = next(self._results)
        if isinstance(result, Exception):
            raise result
        return result


def distribution(cloudfront: Any) -> Distribution:
    return Distribution({"cloudfront": cloudfront}.__getitem__, "D1")


def failure(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "CreateInvalidation")


def test_accepted_invalidation_returns_its_id() -> None:
    cloudfront = CloudFront({"Invalidation": {"Id": "I1"}})
    assert distribution(cloudfront).invalidate("release-1", ("/", "/index.html")) == "I1"
    (request,) = cloudfront.requests
    assert request["DistributionId"] == "D1"
    assert request["InvalidationBatch"] == {
        "CallerReference": "release-1",
        "Paths": {"Quantity": 2, "Items": ["/", "/index.html"]},
    }


def test_repeated_invalidation_is_no_error() -> None:
    cloudfront = CloudFront(failure("InvalidationBatchAlreadyExists"))
    assert distribution(cloudfront).invalidate("release-1", ("/",)) == ""


@pytest.mark.parametrize(
    "error", [failure("TooManyInvalidationsInProgress"), EndpointConnectionError(endpoint_url="x")]
)
def test_failed_invalidation_can_be_run_again(error: Exception) -> None:
    with pytest.raises(NotInvalidated, match="run again") as raised:
        distribution(CloudFront(error)).invalidate("release-1", ("/",))
    assert raised.value.exit_status == 4


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Yield the stub of a client whose waiters do not sleep."""
    monkeypatch.setattr("botocore.waiter.time.sleep", lambda _seconds: None)
    with Stubber(get_session().create_client("cloudfront", region_name="us-east-1")) as stubber:
        yield stubber


def add_status(stubbed: Stubber, status: str) -> None:
    batch = {"CallerReference": "r", "Paths": {"Quantity": 0}}
    response = {"Id": "I1", "Status": status, "CreateTime": 0, "InvalidationBatch": batch}
    request = {"DistributionId": "D1", "Id": "I1"}
    stubbed.add_response("get_invalidation", {"Invalidation": response}, request)


@pytest.mark.parametrize("unfinished", [0, 2])
def test_wait_ends_at_completion(stubbed: Stubber, unfinished: int) -> None:
    for status in [*["InProgress"] * unfinished, "Completed"]:
        add_status(stubbed, status)
    distribution(stubbed.client).wait("I1")
    stubbed.assert_no_pending_responses()


def test_wait_has_a_limit(stubbed: Stubber) -> None:
    waiter: Any = stubbed.client.get_waiter("invalidation_completed")
    for _ in range(waiter.config.max_attempts):
        add_status(stubbed, "InProgress")
    with pytest.raises(NotInvalidated, match="I1"):
        distribution(stubbed.client).wait("I1")
    stubbed.assert_no_pending_responses()
