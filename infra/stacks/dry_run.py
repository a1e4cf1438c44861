"""A dry run of a release: write its templates to files, and show the changes to each stack."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.aws import ClientOf
from infra.cloudformation.stack import Stack
from infra.function.package import copy_project
from infra.function.policy import point_at_data
from infra.release import api
from infra.stacks import account
from infra.stacks.deployment import Stacks, artefact_bucket, boundary
from infra.stage import Stage
from tools.progress import Report, silent
from tools.project import PROJECT


def assumed_outputs(stage: Stage) -> dict[str, dict[str, str]]:
    """Return made-up outputs in the right form for stacks that do not exist, by part."""
    missing = "https://not-made-yet.invalid"
    pool, table = "us-east-1_notmadeyet", f"{stage.function_name}-not-made-yet"
    return {
        "data": {
            "TableName": table,
            "TableArn": f"arn:aws:dynamodb:us-east-1:000000000000:table/{table}",
            "UserPoolId": pool,
            "UserPoolArn": f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool}",
            "LoginUrl": missing,
        },
        "api": {"RestAPIId": "notmadeyet"},
        "monitoring": {"TopicArn": f"arn:aws:sns:us-east-1:000000000000:{table}"},
        "site": {"SiteUrl": missing},
    }


@dataclass(frozen=True, kw_only=True)
class Preview(Stacks):
    """Shows the changes to each stack instead of deploying it, and writes its template to `out`."""

    out: Path
    show: Report

    def api(self, parameters: Mapping[str, str], bucket: str = "") -> None:
        """Show the changes to the API's stack. No code is uploaded, and no function is called."""
        account = self.account()
        bucket = bucket or artefact_bucket(account)
        with TemporaryDirectory() as out:
            built = api.build(self.stage, Path(out), bucket)
        stack = api.stack_of(self.stage, self.client_of, bucket, self.report)
        values = {**boundary(account), **parameters}
        api.check_settings(self.stage, stack, values)
        (self.out / "api.json").write_text(built.template)
        self._preview(stack, built.template, values)

    def deploy(self, part: str, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Show the changes to a stack, and return its outputs, made up if it does not exist."""
        (self.out / f"{part}.yaml").write_text(template)
        self._preview(self.stack(part), template, parameters)
        return self.outputs(part)

    def outputs(self, part: str) -> dict[str, str]:
        # Parts are shown in the order of a release, so the release would create a missing part.
        return super().outputs(part) or assumed_outputs(self.stage).get(part, {})

    def _preview(self, stack: Stack, template: str, parameters: Mapping[str, str]) -> None:
        new = not stack.exists()
        changes = stack.plan(template, parameters)
        verb = "created" if new else "changed"
        self.show(f"{stack.name}: {f'would be {verb}:' if changes else 'no changes'}")
        for change in changes:
            self.show(f"  {change}")


def write_templates(stage: Stage, out: Path) -> None:
    """Write the stage's templates into `out`, with made-up outputs of stacks.

    They are for checks only, never for deployment. This does not call AWS.
    """
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        copy = copy_project(stage, Path(scratch, "project"))
        point_at_data(copy, assumed_outputs(stage)["data"])
        built = api.build(copy, Path(scratch, "out"), "not-made-yet")
    (out / "api.json").write_text(built.template)
    (out / "account.json").write_text(account.template())
    for part in ("data", "monitoring", "edge", "site"):
        shutil.copy(PROJECT / "infra" / "templates" / f"{part}.yaml", out)


def show(
    stage: Stage,
    client_of: ClientOf,
    out: Path,
    report: Report = print,
) -> bool:
    """Write a release's templates into `out`, report the changes, and return true if a site exists.

    Raises `infra.errors.DeploymentFailed`, as the release would. This still uploads a template that
    is too large for a request to the artifact bucket, because CloudFormation reads it there.
    """
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        # The copy receives the outputs of the data stack.
        copy = copy_project(stage, Path(scratch, "project"))
        shutil.copy(stage.project / "requirements.txt", copy.project)
        stacks = Preview(copy, client_of, silent, out=out, show=report)
        has_site = stacks.stack("site").exists()
        stacks.release()
    return has_site
