"""The API's document against the last release: each change that can break a caller is found."""

import copy
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.documents import openapi
from tools import compatibility
from tools.compatibility import Broken, check
from tools.openapi_breaks import find_breaks
from tools.project import PROJECT

Document = dict[str, Any]
Change = Callable[[Document], object]


@pytest.fixture
def document() -> Document:
    """A small document, so that the tests hold for any application."""
    limited = {"type": "string", "minLength": 2, "maxLength": 9, "pattern": "^a"}
    number = {"type": "number", "minimum": 0, "exclusiveMaximum": 5}
    sent = {
        "type": "object",
        "properties": {
            "text": limited,
            "number": {"anyOf": [number, {"type": "null"}]},
            "order": {"enum": ["asc", "desc"]},
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        },
        "required": ["text"],
        "additionalProperties": False,
    }
    returned = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "number": {"type": "number"},
            "order": {"enum": ["asc"]},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["text", "number"],
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Returned"}}}
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Sent"}}}
    return {
        "info": {"version": "1.0.0"},
        "paths": {
            "/things": {
                "put": {
                    "security": [{"cognito": ["write"]}],
                    "parameters": [
                        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                    ],
                    "requestBody": {"content": body},
                    "responses": {
                        "200": {"content": content, "headers": {"ETag": {}}},
                        "404": {"content": {}},
                    },
                }
            }
        },
        "components": {"schemas": {"Sent": sent, "Returned": returned}},
    }


def put(document: Document) -> Document:
    operation: Document = document["paths"]["/things"]["put"]
    return operation


def sent(document: Document) -> Document:
    schema: Document = document["components"]["schemas"]["Sent"]
    return schema


def returned(document: Document) -> Document:
    schema: Document = document["components"]["schemas"]["Returned"]
    return schema


NEW_PARAMETER = {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}

BREAKS: dict[str, Change] = {
    "PUT /things: removed": lambda d: d["paths"].pop("/things"),
    "security changed": lambda d: put(d).update(security=[{"cognito": ["admin"]}]),
    "parameter limit in query removed": lambda d: put(d)["parameters"].pop(),
    "parameter limit in query is required": lambda d: put(d)["parameters"][0].update(required=True),
    "parameter q in query is new": lambda d: put(d)["parameters"].append(NEW_PARAMETER),
    "parameter limit in query: maximum was none, is 9": lambda d: put(d)["parameters"][0][
        "schema"
    ].update(maximum=9),
    "the body is required": lambda d: put(d)["requestBody"].update(required=True),
    "body of application/json removed": lambda d: put(d)["requestBody"]["content"].clear(),
    "body: order required": lambda d: sent(d)["required"].append("order"),
    "body: tags removed": lambda d: sent(d)["properties"].pop("tags"),
    "body: text: maxLength was 9, is 8": lambda d: sent(d)["properties"]["text"].update(
        maxLength=8
    ),
    "body: text: minLength was 2, is 3": lambda d: sent(d)["properties"]["text"].update(
        minLength=3
    ),
    "body: text: pattern was": lambda d: sent(d)["properties"]["text"].update(pattern="^b"),
    "body: text: type was": lambda d: sent(d)["properties"]["text"].update(type="integer"),
    "body: text: format was None": lambda d: sent(d)["properties"]["text"].update(format="uri"),
    "body: number: number rejected": lambda d: sent(d)["properties"]["number"]["anyOf"][0].update(
        exclusiveMaximum=4
    ),
    "body: number: null rejected": lambda d: sent(d)["properties"]["number"]["anyOf"].pop(),
    "body: order: desc rejected": lambda d: sent(d)["properties"]["order"]["enum"].pop(),
    "body: tags: maxItems": lambda d: sent(d)["properties"]["tags"].update(maxItems=2),
    "body: tags: element: type": lambda d: sent(d)["properties"]["tags"]["items"].update(
        type="number"
    ),
    "response 200 removed": lambda d: put(d)["responses"].pop("200"),
    "response 200: header ETag removed": lambda d: put(d)["responses"]["200"]["headers"].clear(),
    "response 200: application/json removed": lambda d: put(d)["responses"]["200"][
        "content"
    ].clear(),
    "response 200: number removed": lambda d: (
        returned(d)["properties"].pop("number"),
        returned(d)["required"].remove("number"),
    ),
    "response 200: tags removed": lambda d: returned(d)["properties"].pop("tags"),
    "response 200: text optional": lambda d: returned(d)["required"].remove("text"),
    "response 200: number: type": lambda d: returned(d)["properties"]["number"].update(
        type="string"
    ),
    "response 200: number: null is new": lambda d: returned(d)["properties"].update(
        number={"anyOf": [{"type": "number"}, {"type": "null"}]}
    ),
    "response 200: order: desc is new": lambda d: returned(d)["properties"]["order"]["enum"].append(
        "desc"
    ),
    "response 200: tags: element: type": lambda d: returned(d)["properties"]["tags"][
        "items"
    ].update(type="number"),
}


@pytest.mark.parametrize("line", BREAKS)
def test_break_is_found(document: Document, line: str) -> None:
    changed = copy.deepcopy(document)
    BREAKS[line](changed)
    [found] = find_breaks(document, changed)
    assert line in found


COMPATIBLE: dict[str, Change] = {
    "path": lambda d: d["paths"].update({"/more": {"get": {"responses": {}}}}),
    "optional parameter": lambda d: put(d)["parameters"].append(
        {**NEW_PARAMETER, "required": False}
    ),
    "optional field": lambda d: sent(d)["properties"].update(more={"type": "string"}),
    "field no longer required": lambda d: sent(d)["required"].clear(),
    "wider limit": lambda d: sent(d)["properties"]["text"].update(maxLength=10, minLength=1),
    "no limit": lambda d: sent(d)["properties"]["text"].pop("maxLength"),
    "more values": lambda d: sent(d)["properties"]["order"]["enum"].append("none"),
    "integers to numbers": lambda d: put(d)["parameters"][0]["schema"].update(type="number"),
    "response's field": lambda d: returned(d)["properties"].update(more={"type": "string"}),
    "response's field always": lambda d: returned(d)["required"].append("tags"),
    "response's integers": lambda d: returned(d)["properties"]["number"].update(type="integer"),
    "absent error": lambda d: put(d)["responses"].pop("404"),
    "words": lambda d: sent(d)["properties"]["text"].update(description="Other words."),
}


@pytest.mark.parametrize("change", COMPATIBLE)
def test_compatible_change_passes(document: Document, change: str) -> None:
    changed = copy.deepcopy(document)
    COMPATIBLE[change](changed)
    assert changed != document
    assert find_breaks(document, changed) == []


def test_own_document_has_no_break_from_itself() -> None:
    document = openapi.document()
    assert find_breaks(document, document) == []


def test_own_document_loses_a_field_with_a_break() -> None:
    """The rules read the form that the generator writes."""
    old = json.loads(openapi.FILE.read_text())
    for name, schema in old["components"]["schemas"].items():
        if name == "Problem":
            continue
        for field in schema["properties"]:
            changed = copy.deepcopy(old)
            part = changed["components"]["schemas"][name]
            del part["properties"][field]
            part["required"] = [each for each in part.get("required", []) if each != field]
            assert find_breaks(old, changed), f"{name}.{field}"


# --- the last release in git ---


@pytest.fixture
def project(tmp_path: Path, document: Document, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the document, without a tag."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A Developer")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "developer@example.com")
    (tmp_path / "docs").mkdir()
    write(tmp_path, document)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--no-verify", "--message", "Release")
    return tmp_path


def write(project: Path, document: Document) -> None:
    (project / "docs" / "openapi.json").write_text(json.dumps(document))


def git(project: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=project, check=True)


def test_absent_tag_is_reported(project: Path) -> None:
    git(project, "tag", "template/v1.0.0")
    assert check(project).startswith(
        "not compared: docs/openapi.json, because no release has a tag"
    )


def test_shallow_clone_is_reported(project: Path, tmp_path: Path) -> None:
    git(project, "commit", "--quiet", "--allow-empty", "--message", "More")
    git(project, "clone", "--quiet", "--depth", "1", f"file://{project}", "shallow")
    assert "this clone is shallow" in check(project / "shallow")


def test_break_since_the_tag_is_refused(project: Path, document: Document) -> None:
    git(project, "tag", "v1.0.0")
    assert check(project) == "docs/openapi.json compared with v1.0.0: 0 changes that break callers"
    returned(document)["required"].remove("text")
    write(project, document)
    with pytest.raises(
        Broken, match=r"callers of v1\.0\.0:\n  PUT /things: response 200: text opt"
    ):
        check(project)


def test_break_with_a_new_major_version_passes(project: Path, document: Document) -> None:
    git(project, "tag", "v1.0.0")
    document["paths"].clear()
    document["info"]["version"] = "2.0.0"
    write(project, document)
    assert check(project).endswith("v1.0.0: 1 changes that break callers")


def test_pipeline_has_the_tags() -> None:
    """Otherwise the job would compare with no release."""
    pipeline = yaml.safe_load((PROJECT / ".github" / "workflows" / "pipeline.yml").read_text())
    for job in pipeline["jobs"].values():
        if any(step.get("run") == "make test" for step in job["steps"]):
            [checkout] = [
                s for s in job["steps"] if s.get("uses", "").startswith("actions/checkout")
            ]
            assert checkout["with"]["fetch-depth"] == 0
            break
    else:
        pytest.fail("no job runs make test")


def test_make_check_compares() -> None:
    command = ["make", "--dry-run", "check", "READY="]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert f"-m {compatibility.__name__}\n" in result.stdout
