"""Chalice settings that a release would ignore, and rejects instead.

`chalice deploy` follows most of them. A stage would differ by its way of deployment.
"""

from typing import Any, NamedTuple

from infra.errors import Misconfigured
from infra.stage import Stage
from tools.project import PYTHON


class _Rule(NamedTuple):
    """The only `allowed` value of a setting, and the action to take `instead`."""

    allowed: Any
    instead: str


_RULES = {
    "api_gateway_custom_domain": _Rule(None, f"pass DomainName to `{PYTHON} -m infra edge`"),
    "api_gateway_endpoint_type": _Rule(
        "REGIONAL", "leave it at REGIONAL, because CloudFront is in front"
    ),
    "api_gateway_endpoint_vpce": _Rule(None, "remove it, because the API is regional"),
    "api_gateway_policy_file": _Rule(None, "remove it, because the firewall restricts callers"),
    "autogen_policy": _Rule(
        False, "leave it at false, because the policy is generated with exact ARNs"
    ),
    "automatic_layer": _Rule(False, "leave it at false, because the package has its dependencies"),
    "iam_role_arn": _Rule(None, "remove it, because the role is created with the function"),
    "log_retention_in_days": _Rule(None, f"pass LogRetentionDays to `{PYTHON} -m infra data`"),
    "manage_iam_role": _Rule(
        True, "leave it at true, because the role is created with the function"
    ),
    "minimum_compression_size": _Rule(None, "remove it, because the template sets it"),
    "reserved_concurrency": _Rule(None, f"pass ReservedConcurrency to `{PYTHON} -m infra api`"),
    "websocket_api_custom_domain": _Rule(None, "remove it, because there is no WebSocket API"),
    "xray": _Rule(
        False, "leave it at false, because the gateway traces and the function has no right to"
    ),
}


def check_supported(stage: Stage) -> None:
    """Raise `Misconfigured` with an ignored setting and the action to take instead."""
    for key, rule in _RULES.items():
        value = stage.setting(key, rule.allowed)
        if value != rule.allowed:
            raise Misconfigured(
                f"stage {stage.name} in {stage.config_file.name}: {key} {value!r} has no effect "
                f"on a release: {rule.instead}"
            )
    if not stage.gateway_stage.isalnum():
        # SAM names the stage's resource after it, and other resources depend on that name.
        raise Misconfigured(
            f"stage {stage.name} in {stage.config_file.name}: api_gateway_stage "
            f"{stage.gateway_stage!r} must consist of letters and digits"
        )
