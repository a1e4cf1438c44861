"""A dry run calls CloudFormation and writes files, without changes on AWS."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chalicelib.config import app_name
from infra.cloudformation.stack import MAX_BODY, Stack
from infra.errors import DeploymentFailed, Misconfigured
from infra.function.policy import point_at_data
from infra.release import api
from infra.stacks import dry_run
from infra.stage import Stage
from tests.clients import as_client
from tests.infra.cloudformation.formation import Formation, change
from tests.infra.conftest import configured, package_once
from tests.infra.test_stage import OUTPUTS
from tools.project import PROJECT

NAME = f"{app_name()}-prod"
ACCOUNT = {
    f"{app_name()}-account": {
        "ArtefactBucket": "artefacts",
        "BoundaryArn": "arn:aws:iam::1:policy/b",
    }
}
DEPLOYED = {
    **ACCOUNT,
    f"{NAME}-data": {**OUTPUTS, "LoginUrl": "https://login.example.com"},
    f"{NAME}-api": {"RestAPIId": "abc", "EndpointURL": "https://x.invalid", "LiveVersion": "7"},
    f"{NAME}-monitoring": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:topic"},
    f"{NAME}-site": {"SiteUrl": "https://example.com"},
}
PARTS = ("data", "api", "monitoring", "site")


class Storage:
    """S3, which only knows uploaded objects."""

    def __init__(self) -> None:
        self.put: dict[tuple[str, str], bytes] = {}

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - AWS's names
        self.put[Bucket, Key] = Body

    def generate_presigned_url(self, operation: str, Params: dict[str, str]) -> str:  # noqa: N803 - AWS's names
        assert operation == "get_object"
        return f"https://{Params['Bucket']}.s3.invalid/{Params['Key']}?signature=1"


class Scene:
    """The stage `prod` of a copy of the project, and AWS."""

    def __init__(self, stage: Stage, out: Path) -> None:
        self.stage, self.out = stage, out
        self.formation, self.storage = Formation(), Storage()
        self.said: list[str] = []

    def client(self, service: str, region: str | None = None, /) -> Any:
        # No other is to be had: asking for Lambda's, say, fails the test.
        if service == "cloudformation":
            return self.formation if region is None else Formation()
        assert service == "s3"
        return self.storage

    def show(self) -> bool:
        before = self.files()
        try:
            return dry_run.show(self.stage, self.client, self.out, self.said.append)
        finally:
            # The stage's settings, its policy and all other files are unchanged.
            assert self.files() == before

    def files(self) -> dict[Path, bytes]:
        return {
            path: path.read_bytes()
            for path in sorted(self.stage.project.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }

    def asked(self, part: str) -> dict[str, Any]:
        """The change set that was asked for."""
        (request,) = (
            each
            for each in self.formation.requests("create_change_set")
            if each["StackName"] == f"{NAME}-{part}"
        )
        return request


@pytest.fixture
def packaging(stage: Stage, tmp_path: Path) -> Scene:
    return Scene(stage, tmp_path / "release")


@pytest.fixture
def scene(packaging: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Return a scene without a zip, where equal stages are packaged once."""
    monkeypatch.setattr(api, "package", package_once)
    return packaging


def given(request: dict[str, Any]) -> dict[str, str]:
    return {each["ParameterKey"]: each.get("ParameterValue", "") for each in request["Parameters"]}


def test_a_release_of_what_is_there(scene: Scene) -> None:
    scene.formation.outputs = dict(DEPLOYED)
    scene.formation.changes[f"{NAME}-api"] = [
        [
            change(
                "Modify",
                "APIHandler",
                "AWS::Lambda::Function",
                Replacement="False",
                Details=[{"Target": {"Attribute": "Properties", "Name": "Code"}}],
            ),
            change("Add", "APIHandlerVersion2", "AWS::Lambda::Version"),
        ]
    ]
    assert scene.show()
    assert scene.said == [
        f"{NAME}-data: no changes",
        f"{NAME}-api: would be changed:",
        "  modify  APIHandler (AWS::Lambda::Function) stays: Code",
        "  add     APIHandlerVersion2 (AWS::Lambda::Version)",
        f"{NAME}-monitoring: no changes",
        f"{NAME}-site: no changes",
    ]
    # All that was asked for is a description, and that is gone again.
    assert scene.formation.writes() == ["create_change_set", "delete_change_set"] * 4
    assert scene.storage.put == {}
    kinds = {each["ChangeSetType"] for each in scene.formation.requests("create_change_set")}
    assert kinds == {"UPDATE"}


def test_it_shows_what_the_release_would_deploy(packaging: Scene, tmp_path: Path) -> None:
    scene = packaging
    scene.formation.outputs = dict(DEPLOYED)
    scene.show()
    data, site = given(scene.asked("data")), given(scene.asked("site"))
    assert data["FunctionName"] == NAME
    assert data["BoundaryArn"] == ACCOUNT[f"{app_name()}-account"]["BoundaryArn"]
    assert site["RestApiId"] == "abc"
    assert site["LoginUrl"] == "https://login.example.com"
    assert given(scene.asked("monitoring"))["TableName"] == OUTPUTS["TableName"]
    template = json.loads(scene.asked("api")["TemplateBody"])
    function = template["Resources"]["APIHandler"]["Properties"]
    assert function["Environment"]["Variables"]["TABLE_NAME"] == OUTPUTS["TableName"]
    assert function["CodeUri"]["Bucket"] == "artefacts"
    assert function["CodeUri"]["Key"].startswith(f"{NAME}/")
    assert json.loads((scene.out / "api.json").read_text()) == template
    point_at_data(scene.stage, OUTPUTS)
    # To the key of the zip.
    released = api.build(scene.stage, tmp_path / "released", "artefacts")
    assert json.loads(released.template) == template
    for part in ("data", "monitoring", "site"):
        text = (PROJECT / "infra" / "templates" / f"{part}.yaml").read_text()
        assert (scene.out / f"{part}.yaml").read_text() == text
        assert scene.asked(part)["TemplateBody"] == text


def test_a_first_release(scene: Scene) -> None:
    scene.formation.outputs = dict(ACCOUNT)
    for part in PARTS:
        scene.formation.changes[f"{NAME}-{part}"] = [[change("Add", part, "AWS::SNS::Topic")]]
    assert not scene.show()
    assert [line for line in scene.said if line.startswith(NAME)] == [
        f"{NAME}-{part}: would be created:" for part in PARTS
    ]
    once = ["create_change_set", "delete_change_set", "delete_stack"]
    assert scene.formation.writes() == once * 4
    assert scene.formation.status == {}  # no empty stack is left
    assert scene.storage.put == {}
    # Values for the outputs of a missing stack have the right form, and name no real resource.
    assert given(scene.asked("site"))["LoginUrl"].endswith(".invalid")
    assert given(scene.asked("monitoring"))["TableName"] == f"{NAME}-not-made-yet"


def test_stack_of_earlier_dry_run_counts_as_new(scene: Scene) -> None:
    scene.formation.outputs = dict(ACCOUNT)
    for part in PARTS:
        scene.formation.status[f"{NAME}-{part}"] = "REVIEW_IN_PROGRESS"
        scene.formation.changes[f"{NAME}-{part}"] = [[change("Add", part, "AWS::SNS::Topic")]]
    assert not scene.show()
    assert scene.formation.status == {}
    assert scene.formation.writes().count("delete_stack") == 4


def test_large_template_is_read_from_the_bucket(scene: Scene) -> None:
    scene.formation.outputs = dict(DEPLOYED)
    with (scene.stage.project / "app.py").open("a") as app:
        for number in range(30):
            app.write(
                f"\n@app.route('/more/{number}', methods=['GET'], authorizer=auth.readers)\n"
                f"def more_{number}():\n    return {{}}\n"
            )
    scene.show()
    (((bucket, key), body),) = scene.storage.put.items()  # the template, and not the code
    assert len(body) > MAX_BODY
    assert bucket == "artefacts"
    request = scene.asked("api")
    assert request["TemplateURL"] == f"https://artefacts.s3.invalid/{key}"
    assert "TemplateBody" not in request
    assert json.loads(body) == json.loads((scene.out / "api.json").read_text())
    (summary,) = (
        each for each in scene.formation.requests("get_template_summary") if "TemplateURL" in each
    )
    assert summary == {"TemplateURL": request["TemplateURL"]}


def test_provisioned_over_reserved_is_rejected(scene: Scene) -> None:
    scene.formation.outputs = dict(DEPLOYED)
    scene.formation.parameters[f"{NAME}-api"] = {"ReservedConcurrency": "3"}
    scene.stage = configured(scene.stage, {"provisioned_concurrency": 2})
    with pytest.raises(Misconfigured, match=r"scales to 4, more than .*ReservedConcurrency: 3"):
        scene.show()
    assert len(scene.formation.requests("create_change_set")) == 1  # of the data stack


def test_large_template_needs_a_bucket() -> None:
    formation = Formation()
    with pytest.raises(DeploymentFailed, match=f"has {MAX_BODY + 1} bytes"):
        Stack(as_client(formation), "example", lambda _: None).deploy(" " * (MAX_BODY + 1), {})
    assert formation.writes() == []


def test_templates_of_a_missing_stage(scene: Scene) -> None:
    dry_run.write_templates(scene.stage, scene.out)
    assert {each.name for each in scene.out.iterdir()} == {
        *("api.json", "account.json"),
        *(f"{part}.yaml" for part in ("data", "monitoring", "site", "edge")),
    }
    # Made-up values, so that it cannot be deployed by mistake.
    assert f"{NAME}-not-made-yet" in (scene.out / "api.json").read_text()
    # All templates except the API's fit into a request. A larger one goes to the bucket.
    sizes = {each.name: each.stat().st_size for each in scene.out.iterdir()}
    assert {name: size for name, size in sizes.items() if size > MAX_BODY} == {}


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ([], ["-m infra release --stage prod", "deploy_site.py --stage prod"]),
        # Which shows the page too, if there is a site.
        (["DRY_RUN=1"], ["-m infra release --stage prod --dry-run"]),
    ],
)
def test_make_release_dry_run(said: list[str], done: list[str]) -> None:
    command = ["make", "--dry-run", "--assume-old=.venv/ready", "release", "STAGE=prod", *said]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    lines = [
        line.rstrip() for line in result.stdout.splitlines() if line.startswith(".venv/bin/python")
    ]
    assert lines == [f".venv/bin/python {each}" for each in done]
