"""Two users of the local cloud, and their items."""

from contextlib import suppress
from http import HTTPStatus
from typing import Any

import httpx

from local.cloud import Cloud
from local.home import Home
from local.sign_in import sign_in
from tools.progress import Report

# Their passwords are public, so they exist only on 127.0.0.1.
USERS = [
    {"username": "alice@example.com", "password": "Correct-Horse-1"},
    {"username": "bob@example.com", "password": "Battery-Staple-2"},
]

_MATERIALS = ("oak", "walnut", "brass", "linen", "stoneware", "wool", "glass", "steel")
_THINGS = ("desk lamp", "chair", "notebook", "teapot", "clock", "blanket", "tray", "mirror")


def create_users(cloud: Cloud, pool_id: str) -> list[dict[str, str]]:
    """Create the users unless they exist, set their passwords, and return the users."""
    cognito = cloud.client("cognito-idp")
    for user in USERS:
        # The user may exist already, without a password after an interruption at this line.
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


def create_items(home: Home, stack: dict[str, Any], report: Report = print) -> None:
    """Add items for users without items, through the API like any client.

    Also adds the items that are missing after an interruption.
    """
    interrupted = home.seeding_file.exists()
    for user, items in zip(stack["users"], (ITEMS, ITEMS[:3]), strict=True):
        tokens = sign_in(stack["login_url"], stack["client_id"], user["username"], user["password"])
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        with httpx.Client(base_url=stack["api_url"], headers=headers, timeout=30) as api:
            present = api.get("/items", params={"limit": 1}).raise_for_status().json()["items"]
            if present and not interrupted:
                continue
            home.seeding_file.touch()
            report(f"adding {len(items)} items for {user['username']}")
            for item in items:
                response = api.put("/items", json=item, headers={"If-None-Match": "*"})
                if response.status_code != HTTPStatus.PRECONDITION_FAILED:
                    response.raise_for_status()
    home.seeding_file.unlink(missing_ok=True)


def _item(n: int) -> dict[str, Any]:
    material, thing = _MATERIALS[n % len(_MATERIALS)], _THINGS[n // len(_MATERIALS)]
    item: dict[str, Any] = {"id": f"{material}-{thing}".replace(" ", "-")}
    item["name"] = f"{material.capitalize()} {thing}"
    if n % 7:  # some items have no price yet
        item["price"] = 5 + (n * 37) % 400 + (n % 4) * 0.25
    if n % 3 == 0:
        item["description"] = f"A {thing} made of {material}, one of a small series."
    return item


ITEMS = [_item(n) for n in range(len(_MATERIALS) * len(_THINGS))]
