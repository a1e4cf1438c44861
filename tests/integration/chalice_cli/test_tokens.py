"""Wrong tokens at the embedded server: the rows of the other servers, and more of its own key."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE
from local.sign_in import SCOPES
from local.tokens import SigningKey, subject_of
from tests.chalice_local import ChaliceLocal
from tests.e2e import test_tokens as both
from tests.e2e.attack import test_tokens as attack
from tests.e2e.attack import tokens
from tests.e2e.attack.doors import HttpDoor
from tests.e2e.attack.rows import CHALICE_LOCAL
from tests.e2e.attack.test_tokens import Ask
from tests.e2e.gathered import Gathered
from tests.e2e.problem import assert_refused
from tests.integration.chalice_cli.conftest import StoredItems
from tests.integration.conftest import TokenOf

# The same tests, with the fixtures below.
test_a_wrong_token_is_refused = both.test_wrong_token_is_rejected_without_a_write
test_a_token_does_what_its_scopes_say = both.test_valid_token_is_limited_to_its_scopes
test_the_scheme_may_be_left_out = both.test_the_scheme_may_be_left_out
test_the_forgeries_are_made_of_a_good_token = both.test_forgeries_derive_from_a_valid_token
test_a_token_too_deep_to_be_read_is_refused = attack.test_a_token_too_deep_to_be_read_is_refused
test_unsendable_token_is_rejected = attack.test_unsendable_token_is_rejected
test_a_token_in_the_query_is_none = attack.test_a_token_in_the_query_is_none
test_a_headers_name_has_no_case = attack.test_a_headers_name_has_no_case


@pytest.fixture(scope="module")
def owner() -> str:
    return "owner"


@pytest.fixture(scope="module")
def material(key: SigningKey, owner: str, token_of: TokenOf) -> Gathered:
    subject = subject_of(owner)
    id_claims: dict[str, Any] = {"token_use": "id", "cognito:username": subject, "aud": "embedded"}
    public = load_pem_private_key(key.pem(), None).public_key()
    return Gathered(
        token=token_of(owner),
        read_only=token_of(owner, READ_SCOPE),
        id_token=key.token(subject, **id_claims),
        refresh_token="b3BhcXVl." * 5,
        public_key=public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        own_key=rsa.generate_private_key(public_exponent=65537, key_size=2048),
        expired=key.token(subject, lifetime=-1),
        other_pool=SigningKey.generate().token(subject),
    )


@pytest.fixture(scope="module")
def api(server: ChaliceLocal, owner: str, token_of: TokenOf) -> Iterator[httpx.Client]:
    """Return a client without a token. The owner has an item."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        headers = {"Authorization": f"Bearer {token_of(owner)}"}
        treasure = {"id": "treasure", "name": "gold"}
        client.put("/items", headers=headers, json=treasure).raise_for_status()
        yield client


@pytest.fixture
def ask(door: HttpDoor, stored_items: StoredItems, api: httpx.Client) -> Ask:
    """Send each route only these headers. Fail if the table changes."""
    return attack.asking(door, stored_items, [stored_items()])


@pytest.fixture(scope="module")
def door(server: ChaliceLocal, owner: str, token_of: TokenOf) -> HttpDoor:
    return HttpDoor(CHALICE_LOCAL, server.url, lambda: token_of(owner))


@pytest.mark.parametrize("name", tokens.FORGED)
def test_a_forged_token_is_refused(name: str, ask: Ask, material: Gathered) -> None:
    attack.test_a_forged_token_is_refused_everywhere(name, ask, material)


# Claims with a valid signature, and one wrong claim. None removes it. This needs a server whose key
# we have.
CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other"},
    "a longer issuer": {"iss": f"{SigningKey.issuer}/"},
    "no issuer": {"iss": None},
    "no expiry": {"exp": None},
    "an expiry that is no number": {"exp": "tomorrow"},
    "not valid yet": {"nbf": int(time.time()) + 3600},
    "issued in the future": {"iat": int(time.time()) + 3600},
    "no subject": {"sub": None},
    "a subject that is a number": {"sub": 1},
    "no client": {"client_id": None},
    "an empty client": {"client_id": ""},
    "an ID token": {"token_use": "id"},
    "no use": {"token_use": None},
    "no scope": {"scope": None},
    "an empty scope": {"scope": ""},
    "another scope": {"scope": "openid profile"},
    "a scope within another": {"scope": f"x{READ_SCOPE} {READ_SCOPE}x {WRITE_SCOPE}-not"},
    "scopes in a list": {"scope": [*SCOPES]},
    "scopes by a comma": {"scope": ",".join(SCOPES)},
    "for an audience": {"aud": "somebody"},
}


@pytest.mark.parametrize("wrong", CLAIMS)
def test_a_wrong_claim_is_refused(wrong: str, ask: Ask, key: SigningKey, owner: str) -> None:
    token = key.token(subject_of(owner), **CLAIMS[wrong])
    for answer in ask((("Authorization", f"Bearer {token}"),), ""):
        assert answer is not None, "hung up"
        assert_refused(answer)
