"""What CloudFront is told to forget."""

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
def test_paths_are_encoded_as_cloudfront_wants(key: str, path: str) -> None:
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
def test_a_folder_is_forgotten_with_its_index(keys: list[str], paths: set[str]) -> None:
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
        # More wildcards than CloudFront takes.
        ({f"/{d}/{n}" for d in range(16) for n in range(16)}, [], ["/*"]),
        # Not over what never changes.
        (
            numbered("/assets/{}.json", 16),
            ["assets/app-12345678.js"],
            sorted(numbered("/assets/{}.json", 16)),
        ),
        ({"/*", "/x"}, [], ["/*"]),
    ],
)
def test_many_are_folded(paths: set[str], keys: list[str], folded: list[str]) -> None:
    assert fold(paths, keys, Serving()) == folded


NAMES = st.sampled_from(["a", "b", "c.txt", "app-12345678.js", "index.html", "é ~"])
KEYS = st.lists(NAMES, min_size=1, max_size=4).map("/".join) | st.tuples(
    st.sampled_from(["", "x/", "x/y/", "assets/"]), st.integers(0, 999)
).map(lambda pair: f"{pair[0]}{pair[1]}.txt")


@given(st.sets(KEYS, max_size=200), st.sets(KEYS, max_size=20))
def test_whatever_was_to_be_forgotten_is_and_nothing_immutable(
    changed: set[str], others: set[str]
) -> None:
    folded = fold(paths_of(changed, Serving()), changed | others, Serving())
    assert len(folded) <= 100
    assert sum(path.endswith("*") for path in folded) <= 15
    for path in paths_of(changed, Serving()):
        assert any(covers(each, path) for each in folded)
    for key in filter(Serving().is_immutable, changed | others):
        assert folded == ["/*"] or not any(covers(each, encode(key)) for each in folded)


def covers(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


class CloudFront:
    """Answers one thing after another."""

    def __init__(self, *answers: Any) -> None:
        self._answers: Iterator[Any] = iter(answers)
        self.asked: list[dict[str, Any]] = []

    def _answer(self, **request: Any) -> Any:
        self.asked.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    create_invalidation = _answer


def distribution(cloudfront: Any) -> Distribution:
    return Distribution({"cloudfront": cloudfront}.__getitem__, "D1")


def failure(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "CreateInvalidation")


def test_one_that_is_accepted() -> None:
    cloudfront = CloudFront({"Invalidation": {"Id": "I1"}})
    assert distribution(cloudfront).invalidate("release-1", ("/", "/index.html")) == "I1"
    (request,) = cloudfront.asked
    assert request["DistributionId"] == "D1"
    assert request["InvalidationBatch"] == {
        "CallerReference": "release-1",
        "Paths": {"Quantity": 2, "Items": ["/", "/index.html"]},
    }


def test_one_that_was_accepted_before_is_no_error() -> None:
    cloudfront = CloudFront(failure("InvalidationBatchAlreadyExists"))
    assert distribution(cloudfront).invalidate("release-1", ("/",)) == ""


@pytest.mark.parametrize(
    "error", [failure("TooManyInvalidationsInProgress"), EndpointConnectionError(endpoint_url="x")]
)
def test_one_that_fails_says_that_running_again_helps(error: Exception) -> None:
    with pytest.raises(NotInvalidated, match="run again") as raised:
        distribution(CloudFront(error)).invalidate("release-1", ("/",))
    assert raised.value.exit_status == 4


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """A client whose waiters do not sleep."""
    monkeypatch.setattr("botocore.waiter.time.sleep", lambda _seconds: None)
    with Stubber(get_session().create_client("cloudfront", region_name="us-east-1")) as stubber:
        yield stubber


def add_status(stubbed: Stubber, status: str) -> None:
    batch = {"CallerReference": "r", "Paths": {"Quantity": 0}}
    found = {"Id": "I1", "Status": status, "CreateTime": 0, "InvalidationBatch": batch}
    asked = {"DistributionId": "D1", "Id": "I1"}
    stubbed.add_response("get_invalidation", {"Invalidation": found}, asked)


@pytest.mark.parametrize("answers", [0, 2])
def test_waiting_ends_when_it_is_completed(stubbed: Stubber, answers: int) -> None:
    for status in [*["InProgress"] * answers, "Completed"]:
        add_status(stubbed, status)
    distribution(stubbed.client).wait("I1")
    stubbed.assert_no_pending_responses()


def test_waiting_has_a_limit(stubbed: Stubber) -> None:
    waiter: Any = stubbed.client.get_waiter("invalidation_completed")
    for _ in range(waiter.config.max_attempts):
        add_status(stubbed, "InProgress")
    with pytest.raises(NotInvalidated, match="I1"):
        distribution(stubbed.client).wait("I1")
    stubbed.assert_no_pending_responses()
