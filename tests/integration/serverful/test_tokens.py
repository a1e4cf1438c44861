"""Wrong tokens at gunicorn: the tests of `chalice local`, unchanged."""

import pytest

from local.tokens import SigningKey
from tests.e2e.attack import test_tokens as attack
from tests.e2e.attack import tokens
from tests.e2e.attack.test_tokens import Ask
from tests.e2e.gathered import Gathered
from tests.integration.chalice_cli import test_tokens as chalice_local

owner = chalice_local.owner
material = chalice_local.material
api = chalice_local.api
door = chalice_local.door
ask = chalice_local.ask

test_a_wrong_token_is_refused = chalice_local.test_a_wrong_token_is_refused
test_a_token_does_what_its_scopes_say = chalice_local.test_a_token_does_what_its_scopes_say
test_the_scheme_may_be_left_out = chalice_local.test_the_scheme_may_be_left_out
test_the_forgeries_are_made_of_a_good_token = (
    chalice_local.test_the_forgeries_are_made_of_a_good_token
)
test_a_token_too_deep_to_be_read_is_refused = (
    chalice_local.test_a_token_too_deep_to_be_read_is_refused
)
test_unsendable_token_is_rejected = chalice_local.test_unsendable_token_is_rejected
test_a_token_in_the_query_is_none = chalice_local.test_a_token_in_the_query_is_none
test_a_headers_name_has_no_case = chalice_local.test_a_headers_name_has_no_case


# Each time at `chalice local`, which has the same verifier behind another server. So is the next.
@pytest.mark.long
@pytest.mark.parametrize("name", tokens.FORGED)
def test_a_forged_token_is_refused(name: str, ask: Ask, material: Gathered) -> None:
    attack.test_a_forged_token_is_refused_everywhere(name, ask, material)


@pytest.mark.long
@pytest.mark.parametrize("wrong", chalice_local.CLAIMS)
def test_a_wrong_claim_is_refused(wrong: str, ask: Ask, key: SigningKey, owner: str) -> None:
    chalice_local.test_a_wrong_claim_is_refused(wrong, ask, key, owner)
