"""Signing in on the local cloud's login page."""

import secrets
from typing import Any

import jwt
import pytest

from local.cloud import Cloud
from local.home import LocalError
from local.sign_in import sign_in

TEMPORARY, CHOSEN = "Temporary-1-Horse", "Chosen-2-Staple"


@pytest.fixture
def invited(cloud: Cloud, stack: dict[str, Any]) -> str:
    """Whom an administrator has invited with a temporary password."""
    name = f"invited-{secrets.token_hex(4)}@example.com"
    cloud.client("cognito-idp").admin_create_user(
        UserPoolId=stack["user_pool_id"],
        Username=name,
        TemporaryPassword=TEMPORARY,
        MessageAction="SUPPRESS",
    )
    return name


@pytest.fixture
def login(stack: dict[str, Any]) -> tuple[str, str]:
    return stack["login_url"], stack["client_id"]


def test_temporary_password_is_named(login: tuple[str, str], invited: str) -> None:
    with pytest.raises(LocalError, match=f"{invited} has a temporary password"):
        sign_in(*login, invited, TEMPORARY)


def test_temporary_password_is_replaced(login: tuple[str, str], invited: str) -> None:
    tokens = sign_in(*login, invited, TEMPORARY, new_password=CHOSEN)
    again = sign_in(*login, invited, CHOSEN)
    subjects = [
        jwt.decode(each["access_token"], options={"verify_signature": False})["sub"]
        for each in (tokens, again)
    ]
    assert subjects[0] == subjects[1]
    with pytest.raises(LocalError, match="could not sign in"):
        sign_in(*login, invited, TEMPORARY)


def test_email_in_another_case_is_refused(
    login: tuple[str, str], people: dict[str, dict[str, str]]
) -> None:
    """Cognito accepts it. Once the emulator does, docs/architecture.md has to change."""
    alice = people["alice"]
    with pytest.raises(LocalError, match="could not sign in"):
        sign_in(*login, alice["username"].upper(), alice["password"])
