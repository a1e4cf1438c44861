"""Two people to be, and something for them to have."""

from contextlib import suppress
from typing import Any

import httpx

from local.cloud import Cloud
from local.sign_in import sign_in
from tools.progress import Report

# Known to everybody, which is why they only ever exist on 127.0.0.1.
USERS = [
    {"username": "alice@example.com", "password": "Correct-Horse-1"},
    {"username": "bob@example.com", "password": "Battery-Staple-2"},
]

_MATERIALS = ("oak", "walnut", "brass", "linen", "stoneware", "wool", "glass", "steel")
_THINGS = ("desk lamp", "chair", "notebook", "teapot", "clock", "blanket", "tray", "mirror")


def create_users(cloud: Cloud, pool_id: str) -> list[dict[str, str]]:
    """Make sure that the users exist and can sign in; who they are."""
    cognito = cloud.client("cognito-idp")
    for user in USERS:
        # It may be there already, and without a password if that was interrupted here.
        with suppress(cognito.exceptions.UsernameExistsException):
            cognito.admin_create_user(
                UserPoolId=pool_id,
                Username=user["username"],
                MessageAction="SUPPRESS",
                UserAttributes=[
                    {"Name": "email", "Value": user["username"]},
                    {"Name": "email_verified", "Value": "true"},
                ],
            )
        cognito.admin_set_user_password(
            UserPoolId=pool_id,
            Username=user["username"],
            Password=user["password"],
            Permanent=True,
        )
    return USERS


def create_items(stack: dict[str, Any], report: Report = print) -> None:
    """Give users without any item some, through the API like anybody's."""
    for user, count in zip(stack["users"], (len(_MATERIALS) * len(_THINGS), 3), strict=True):
        tokens = sign_in(stack["login_url"], stack["client_id"], user["username"], user["password"])
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        with httpx.Client(base_url=stack["api_url"], headers=headers, timeout=30) as api:
            if api.get("/items", params={"limit": 1}).raise_for_status().json()["items"]:
                continue
            report(f"adding {count} items for {user['username']}")
            for n in range(count):
                api.put("/items", json=_item(n)).raise_for_status()


def _item(n: int) -> dict[str, Any]:
    material, thing = _MATERIALS[n % len(_MATERIALS)], _THINGS[n // len(_MATERIALS)]
    item: dict[str, Any] = {"id": f"{material}-{thing}".replace(" ", "-")}
    item["name"] = f"{material.capitalize()} {thing}"
    if n % 7:  # some things have no price yet
        item["price"] = 5 + (n * 37) % 400 + (n % 4) * 0.25
    if n % 3 == 0:
        item["description"] = f"A {thing} made of {material}, one of a small series."
    return item
