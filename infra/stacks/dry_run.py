"""A release that changes nothing: its templates as files, and what each stack would become."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.cloudformation.rehearsal import Rehearsal
from infra.cloudformation.stack import Report, Stack
from infra.function.package import copy_of
from infra.function.policy import point_at_data
from infra.release import api
from infra.stacks import account
from infra.stacks.deployment import ClientOf, Stacks
from infra.stage import Stage
from tools.project import PROJECT

_POLL_SECONDS = 2.0


def assumed(stage: Stage) -> dict[str, dict[str, str]]:
    """Outputs for stacks that are not there, by name: in the right form, and nobody's."""
    name, unmade = stage.function_name(), "https://not-made-yet.invalid"
    pool, table = "us-east-1_notmadeyet", f"{stage.function_name()}-not-made-yet"
    return {
        f"{name}-data": {
            "TableName": table,
            "TableArn": f"arn:aws:dynamodb:us-east-1:000000000000:table/{table}",
            "UserPoolId": pool,
            "UserPoolArn": f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool}",
            "LoginUrl": unmade,
        },
        f"{name}-api": {"RestAPIId": "notmadeyet"},
        f"{name}-monitoring": {"TopicArn": f"arn:aws:sns:us-east-1:000000000000:{table}"},
        f"{name}-site": {"SiteUrl": unmade},
    }


def write_templates(stage: Stage, out: Path) -> None:
    """Write what would be deployed for the stage into `out`, with outputs that nobody has.

    Asks nobody for anything: for checks of the templates, not to deploy them.
    """
    with TemporaryDirectory() as scratch:
        copy = copy_of(stage, Path(scratch, "project"))
        point_at_data(copy, assumed(stage)[f"{stage.function_name()}-data"])
        built = api.build(copy, Path(scratch, "out"), "not-made-yet")
    _write(built.template, out)
    (out / "account.json").write_text(account.template())
    shutil.copy(PROJECT / "infra" / "templates" / "edge.yaml", out)


def show(
    stage: Stage,
    client_of: ClientOf,
    out: Path,
    report: Report = print,
    poll_seconds: float = _POLL_SECONDS,
) -> bool:
    """Write a release's templates into `out` and report what it would change; is there a site?

    Raises `infra.errors.DeploymentFailed`, as the release would. A template that is too large for a
    request is put into the bucket for packages all the same: CloudFormation reads it there.
    """
    by_name = assumed(stage)
    site = Stack(client_of("cloudformation", None), f"{stage.function_name()}-site")
    has_site = site.exists()

    @cache  # it remembers what it has shown
    def formation(region: str | None) -> Rehearsal:
        return Rehearsal(client_of("cloudformation", region), by_name, report, poll_seconds)

    def rehearsed(service: str, region: str | None) -> Any:
        # Of all others, only S3's is asked for.
        return formation(region) if service == "cloudformation" else client_of(service, region)

    with TemporaryDirectory() as scratch:
        # What the data stack says of itself is written into the copy.
        copy = copy_of(stage, Path(scratch, "project"))
        shutil.copy(stage.project / "requirements.txt", copy.project)
        stacks = Stacks(copy, rehearsed, report=lambda _: None)
        stacks.data({})
        _write(stacks.api_template(), out)
        stacks.monitoring({})
        stacks.site({})
    return has_site


def _write(api_template: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "api.json").write_text(api_template)
    for name in ("data", "monitoring", "site"):
        shutil.copy(PROJECT / "infra" / "templates" / f"{name}.yaml", out)
