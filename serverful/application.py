"""Create the WSGI application of `app.py` from the environment's settings."""

import json
import os
import re
import sys
from pathlib import Path

from chalice.config import Config

from infra.gateway.chalice_gateway import Gateway
from infra.gateway.rules import DeployedRules
from infra.gateway.tokens import TokenVerifier
from serverful.wsgi import Wsgi

_SETTINGS = Path(__file__).parent.parent / ".chalice" / "config.json"
_POOL = re.compile(r"arn:[\w-]+:cognito-idp:(?P<region>[\w-]+):\d{12}:userpool/(?P<id>[\w-]+)")


def stage_config() -> Config:
    """Return the configuration of the stage that `STAGE` names. Exits without this stage."""
    settings, stage = json.loads(_SETTINGS.read_text()), _require_variable("STAGE")
    if stage not in settings["stages"]:
        sys.exit(f"error: no stage {stage}: set STAGE to one of {', '.join(settings['stages'])}")
    # The name of the stage's function keeps logs and metrics where dashboard and alarms read them.
    return Config(stage, f"{settings['app_name']}-{stage}", config_from_disk=settings)


def longest_request(config: Config) -> float:
    """Return the seconds in which a request ends: the deployed function's timeout and a margin."""
    return float(config.lambda_timeout or 60) + 5


def create() -> Wsgi:
    """Return the application. Exits with a sentence if a setting is missing or wrong."""
    config, pool = stage_config(), _POOL.fullmatch(_require_variable("USER_POOL_ARN"))
    _require_variable("TABLE_NAME")
    if pool is None:
        sys.exit("error: USER_POOL_ARN is not a user pool's ARN: set it to the data stack's output")
    # The data stack has user pool and table in one region.
    os.environ.setdefault("AWS_DEFAULT_REGION", pool["region"])
    # Imported after the check of the settings, because a route's authorizer has the user pool.
    from app import app

    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    rules = DeployedRules(TokenVerifier.of_pool(pool["region"], pool["id"], endpoint))
    gateway = Gateway(app, config, rules, f"/{config.api_gateway_stage or 'api'}")
    return Wsgi(gateway, longest_request(config))


def _require_variable(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        sys.exit(f"error: {name} is not set: docs/serverful.md lists the container's settings")
    return value
