"""Who has signed in on the login page is who the API takes them for."""

from chalicelib.auth import READ_SCOPE
from local.sign_in import SCOPES
from tests.e2e.forgeries import Material, claims
from tests.smoke.deployed import Deployed


def test_the_access_token_is_what_was_asked_for(deployed: Deployed, material: Material) -> None:
    found = claims(material.token)
    assert found["token_use"] == "access"
    assert found["client_id"] == deployed.client_id
    assert found["iss"].endswith(f"/{deployed.user_pool_id}")
    assert set(found["scope"].split()) == {"openid", *SCOPES}
    assert claims(material.read_only)["scope"] == READ_SCOPE


def test_it_lives_for_a_quarter_of_an_hour(material: Material) -> None:
    found = claims(material.token)
    assert found["exp"] - found["iat"] == 15 * 60
