"""Users whom an administrator makes, with a password that need not be changed."""

from typing import Any


def create_user(cognito: Any, pool_id: str, user: dict[str, str]) -> dict[str, str]:
    """Create a user of any pool, without mail. `cognito` is a client of cognito-idp."""
    who = {"UserPoolId": pool_id, "Username": user["username"]}
    cognito.admin_create_user(**who, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**who, Password=user["password"], Permanent=True)
    return user
