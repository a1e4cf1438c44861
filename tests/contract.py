"""Check the API against `docs/openapi.json` with generated requests, valid and invalid.

Schemathesis generates the requests from the document, sends them, and applies all its checks to
each response. If a check does not fit this API, `_teach` has the exception and its reason.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import httpx
import pytest
import schemathesis
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from schemathesis import Case, HookContext, Response
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import from_schema
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.openapi.checks import RejectedPositiveData, UnsupportedMethodResponse
from schemathesis.schemas import BaseSchema

from chalicelib.errors import PROBLEM_JSON
from chalicelib.listing import DEFAULT_LIMIT
from infra.documents import openapi
from tests.contract_report import Report

SEED = 1

AnyCase = Case[Any]

_PRECONDITIONS = ("If-Match", "If-None-Match")


@dataclass(frozen=True)
class Api:
    """The API under test.

    `tokens`: access tokens of at least two users, by name. The first user sends all requests, and
    the others try to read the first user's items.
    `unknown_method`: the status for a method that a resource does not have.
    """

    url: str
    tokens: Mapping[str, str]
    unknown_method: int


class Size(NamedTuple):
    """The size of a run.

    `examples`: random requests for each operation, in addition to systematic requests.
    `scenarios`: sequences of requests that follow the document's links.
    `at_least`: the resulting number of requests.
    """

    examples: int
    scenarios: int
    at_least: int


#: The sizes for an API behind a server of its own, which is slow.
AT_A_SERVER = [Size(4, 2, 40), pytest.param(Size(30, 15, 300), marks=pytest.mark.long)]


def run(api: Api, directory: Path, size: Size) -> Report:
    """Test the API. `directory` is for the tokens, which Schemathesis reads."""
    config = _config(api, directory, size)
    schema = schemathesis.openapi.from_path(openapi.FILE, config=config)
    _teach(schema, api)
    _fill_a_page(api)
    report = Report(api.tokens)
    with _regardless_of_other_tests():
        for event in from_schema(schema).execute():
            report.record(event)
    return report


@contextmanager
def _regardless_of_other_tests() -> Iterator[None]:
    """Make Hypothesis generate the same from a seed, independently of earlier tests.

    By default it also tries the constants of all loaded modules, and has no setting for it.
    """
    with (
        patch.object(providers, "_get_local_constants", Constants),
        patch.object(providers, "CONSTANTS_CACHE", LRUCache(1024)),
    ):
        yield


def _fill_a_page(api: Api) -> None:
    """Create more items of the first user than one page, so there are cursors."""
    headers = {"Authorization": f"Bearer {next(iter(api.tokens.values()))}"}
    with httpx.Client(headers=headers, timeout=30) as client:
        for n in range(DEFAULT_LIMIT + 1):
            item = {"id": f"item-{n}", "name": f"Item {n}"}
            client.put(f"{api.url}/items", json=item).raise_for_status()


def _config(api: Api, directory: Path, size: Size) -> SchemathesisConfig:
    users, names = directory / "users.json", [*api.tokens]
    credentials = {name: f"Bearer {token}" for name, token in api.tokens.items()}
    auth = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": value}]}
        for name, value in credentials.items()
    ]
    users.write_text(json.dumps({"auth": auth}))
    load_all_checks()
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "base-url": api.url,
            "request-timeout": 30,
            "continue-on-failure": True,
            "cache": {"enabled": False},
            "auth": {"wfc": {"path": str(users), "user": names[0], "peers": names}},
            "checks": {
                **{name: {"enabled": True} for name in CHECKS.get_all_names()},
                "max_response_time": 10,
            },
            "generation": {
                "mode": "all",
                "deterministic": True,
                "database": "none",
                "max-examples": size.examples,
                # A failure is shown as it was met: looking for a smaller one has no bound in time.
                "no-shrink": True,
                # Every request has a true token, or most would be refused before they are read.
                # `ignored_auth` tries each operation without one, and with a false one.
                "with-security-parameters": False,
            },
            "phases": {
                "coverage": {"generate-duplicate-query-parameters": True},
                # Requests come from the document alone, so that a run can be repeated and
                # the API does not influence them. The phase `stateful` uses responses.
                "fuzzing": {
                    "extra-data-sources": {"responses": False},
                    "error-feedback": {"enabled": False},
                },
                "stateful": {"generation": {"max-examples": size.scenarios}},
            },
        }
    )


def _teach(schema: BaseSchema, api: Api) -> None:
    """Exclude cases that the document or a check cannot express, as narrowly as possible."""
    issued: dict[Any, str] = {}

    @schema.hook
    def after_call(context: HookContext, case: AnyCase, response: Response) -> None:
        # Remembers each cursor that was given out, with the order of the list that it belongs to.
        if (case.method, case.path, response.status_code) == ("GET", "/items", 200):
            issued[response.json().get("cursor")] = case.query.get("order", "desc")

    @schema.hook
    def filter_case(context: HookContext, case: AnyCase) -> bool:
        # JSON Schema cannot limit a number's digits, and the document does not limit small numbers.
        if _is_valid(case) and isinstance(case.body, dict):
            return _is_storable(case.body.get("price", 0))
        return True

    @schema.hook
    def map_case(context: HookContext, case: AnyCase) -> AnyCase:
        # A cursor is opaque, so a valid cursor comes only from the API. A valid request omits it,
        # unless the API returned it. An invalid request keeps its cursor.
        order = case.query.get("order", "desc")
        if _is_valid(case) and issued.get(case.query.get("cursor")) != order:
            case.query.pop("cursor", None)
        # The coverage phase varies one parameter and gives all others a plain value. For these two
        # it has only an invalid one (it makes headers of letters and digits alone), which would
        # hide the answer to what it tries. The other phases send valid ones.
        if case.meta is not None and isinstance(case.meta.phase.data, CoveragePhaseData):
            at = case.meta.phase.data.parameter_location
            if _is_valid(case) or at is not ParameterLocation.HEADER:
                for name in _PRECONDITIONS:
                    case.headers.pop(name, None)
        return case

    @schema.hook
    def filter_failure(
        context: HookContext, failure: Failure, case: AnyCase, response: Response
    ) -> bool:
        # A precondition depends on the stored item, not on the request alone.
        if isinstance(failure, RejectedPositiveData) and response.status_code == 412:
            return not any(name in case.headers for name in _PRECONDITIONS)
        # API Gateway has no 405: a method that a resource does not have gets the same response as a
        # resource that does not exist, which still has to be a problem detail.
        if isinstance(failure, UnsupportedMethodResponse) and api.unknown_method != 405:
            answer = response.status_code, response.headers["content-type"]
            return answer != (api.unknown_method, [PROBLEM_JSON])
        return True


def _is_valid(case: AnyCase) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


def _is_storable(price: Any) -> bool:
    """Return whether DynamoDB stores a price within the document's bounds exactly."""
    written = Decimal(json.dumps(price))
    digits = "".join(map(str, written.as_tuple().digits)).strip("0")
    return not written or (len(digits) <= 38 and written.adjusted() >= -130)
