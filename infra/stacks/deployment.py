"""A stage's stacks, each deployed for what the others say of themselves; of infra/templates/:

data         the table, the users, the backups      data.yaml
api          the function and the gateway           app.py, api.yaml
monitoring   alarms and the dashboard               monitoring.yaml
edge         what CloudFront takes from us-east-1   edge.yaml
site         CloudFront and the bucket              site.yaml
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.cloudformation.stack import Report, Stack
from infra.errors import Misconfigured
from infra.function.policy import point_at_data
from infra.release import api, version
from infra.stacks import edge, monitoring
from infra.stacks.account import stack_name
from infra.stage import Stage
from tools.project import PROJECT, PYTHON

#: Makes a client of a service in a region; None for the person's own region.
ClientOf = Callable[[str, str | None], Any]

Parameters = Mapping[str, str]


@dataclass(frozen=True)
class Stacks:
    """The stacks of one stage. All methods raise `DeploymentFailed` and `Misconfigured`."""

    stage: Stage
    client_of: ClientOf
    report: Report = print

    def data(self, parameters: Parameters) -> None:
        """The table and the users; then the stage's variables and policy are written."""
        template = (PROJECT / "infra" / "templates" / "data.yaml").read_text()
        given = {**self.stage.data_parameters(), **_boundary(self._account()), **parameters}
        point_at_data(self.stage, self._stack("data").deploy(template, given))
        file = self.stage.config_file.relative_to(self.stage.project)
        self.report(f"wrote {file} and the stage's policy")

    def api(self, parameters: Parameters, bucket: str = "") -> None:
        """The API, as a new version. `bucket` takes the package; by default the account's own."""
        account = self._account()
        bucket = bucket or _artefacts(account)
        clients = self._clients("s3", "cloudformation", "lambda")
        with TemporaryDirectory() as out:
            given = {**_boundary(account), **parameters}
            outputs = version.release(self.stage, Path(out), clients, bucket, given, self.report)
        self.report(f"the API is {outputs['EndpointURL']}")

    def api_template(self) -> str:
        """Bring the API's stack to its template, which is returned, and do nothing else.

        Neither is the code uploaded nor the function called: for a dry run, whose client of
        CloudFormation only shows what would happen.
        """
        account = self._account()
        bucket = _artefacts(account)
        clients = self._clients("s3", "cloudformation")
        with TemporaryDirectory() as out:
            built = api.build(self.stage, Path(out), bucket)
        api.bring(self.stage, built, clients, bucket, _boundary(account), self.report)
        return built.template

    def roll_back(self) -> None:
        """Have the version before answer. Raises `infra.errors.NoEarlierVersion`."""
        version.roll_back(
            self.stage, self._clients("cloudformation", "lambda", "codedeploy"), self.report
        )

    def monitoring(self, parameters: Parameters) -> None:
        outputs = monitoring.deploy(self.stage, self._formation(), parameters, self.report)
        self.report(f"alarms are sent to {outputs['TopicArn']}")

    def edge(self, parameters: Parameters) -> None:
        edge.deploy(self.stage, self._formation, parameters, self.report)

    def site(self, parameters: Parameters) -> None:
        """CloudFront and the bucket, into which `deploy_site.py` then puts the page."""
        data = self._stack("data").outputs()
        given = {
            "UserPoolId": data["UserPoolId"],
            "LoginUrl": data["LoginUrl"],
            "RestApiId": self._rest_api(),
            **edge.site_parameters(self.stage, self._formation),
            **parameters,
        }
        template = (PROJECT / "infra" / "templates" / "site.yaml").read_text()
        outputs = self._stack("site").deploy(template, given)
        self.report(f"the site is {outputs['SiteUrl']}")
        self.report(f"put the page there with: {PYTHON} deploy_site.py --stage {self.stage.name}")

    def _rest_api(self) -> str:
        """The id of the stage's API, whichever way it was deployed."""
        of_the_stack = self._stack("api").outputs_if_any()
        if of_the_stack:
            return of_the_stack["RestAPIId"]
        found = self.stage.deployed_rest_api()
        if found is None:
            how = f".venv/bin/chalice deploy --stage {self.stage.name}"
            raise Misconfigured(f"stage {self.stage.name} has no API yet; deploy it first: {how}")
        return found.id

    def _account(self) -> dict[str, str]:
        """What the account's stack says; nothing if there is none."""
        return Stack(self._formation(), stack_name(), self.report).outputs_if_any()

    def _stack(self, name: str) -> Stack:
        return Stack(self._formation(), f"{self.stage.function_name()}-{name}", self.report)

    def _formation(self, region: str | None = None) -> Any:
        return self.client_of("cloudformation", region)

    def _clients(self, *names: str) -> dict[str, Any]:
        return {name: self.client_of(name, None) for name in names}


def _artefacts(account: Parameters) -> str:
    if "ArtefactBucket" not in account:
        raise Misconfigured("no artifact bucket: run `make bootstrap`, or pass --bucket")
    return account["ArtefactBucket"]


def _boundary(account: Parameters) -> dict[str, str]:
    """The parameter of those stacks that make roles."""
    return {"BoundaryArn": account["BoundaryArn"]} if "BoundaryArn" in account else {}
