"""The application's settings, from its environment: all that differs between stages.

Settings are read when a request needs them, because `chalice.test.Client` sets a stage's variables
only while a request runs. Only these variables are read at import:

- `USER_POOL_ARN`, by the routes' decorators: the user pool whose tokens the gateway accepts
- `APP_NAME`, by the scopes, the metrics and the types of problems. It is the same for all stages
- on Lambda, `TABLE_NAME` and the variables of the client, which connects during init
"""

import os
from typing import NamedTuple

# Lets tools import `app.py` before a user pool exists. `infra/function/package.py` refuses to
# package a stage with it, and a gateway with it would reject every token.
PLACEHOLDER_POOL_ARN = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_unset"


class ConfigurationError(RuntimeError):
    """A setting is missing or invalid. The message names it."""


class Settings(NamedTuple):
    """The settings of one stage, as `.chalice/config.json` gives them to the function.

    `table_name`: the DynamoDB table, from `TABLE_NAME`.
    """

    table_name: str

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the settings now. Raises `ConfigurationError` naming the missing variable."""
        table_name = os.environ.get("TABLE_NAME", "")
        if not table_name:
            raise ConfigurationError(
                "TABLE_NAME is not set: run `.venv/bin/python -m infra data --stage STAGE`"
            )
        return cls(table_name=table_name)


def app_name() -> str:
    """Return the application's name, of which metrics, scopes and types of problems have theirs.

    A deployed function has it in `APP_NAME`, because `.chalice/` is not shipped. In a checkout it
    is `app_name` in `.chalice/config.json`. Raises `ConfigurationError` if both are missing.
    """
    name = os.environ.get("APP_NAME", "")
    if not name:
        # Imported here because a deployed function imports this module before its client connects.
        import json
        from pathlib import Path

        file = Path(__file__).parent.parent / ".chalice" / "config.json"
        try:
            name = str(json.loads(file.read_text())["app_name"])
        except (OSError, ValueError, KeyError) as error:
            raise ConfigurationError(
                "APP_NAME is not set: run `.venv/bin/python -m infra data --stage STAGE`"
            ) from error
    return name


def user_pool_arn() -> str:
    """Return the user pool's ARN, or a placeholder that the packaging refuses."""
    return os.environ.get("USER_POOL_ARN") or PLACEHOLDER_POOL_ARN


def initializing_on_lambda() -> bool:
    """Return whether this process is a Lambda function in its init phase."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def snapshot_follows() -> bool:
    """Return whether Lambda takes a snapshot after init (SnapStart).

    Every execution environment then starts as a copy of that snapshot.
    """
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"
