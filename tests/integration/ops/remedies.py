"""Check that the remedy of a finding can be pasted, or followed."""

import re
import shlex
from functools import cache
from typing import Any

from botocore import xform_name

from infra import __main__ as infra
from ops import __main__ as ops
from tests.integration.ops.conftest import SESSION
from tools.project import PROJECT, PYTHON
from tools.templates import load

#: General options of the AWS command line, and an option that it renames.
_GENERAL = {"region"}
_RENAMED = {"notification-endpoint": "endpoint"}


def assert_usable(remedy: str) -> None:
    """Fail unless the command, its options, the file or the heading exists."""
    words = shlex.split(remedy)
    if not words or words[0] in ("sign", "let", "use", "compare", "allow") or "://" in words[0]:
        return
    if words[0] == "aws":
        _assert_aws(*words[1:])
    elif remedy.startswith(f"{PYTHON} -m infra "):
        arguments = infra.parser().parse_args(words[3:])
        parameters = load_template(words[3])["Parameters"]
        assert {name for name, _ in arguments.parameter} <= set(parameters), remedy
    elif remedy.startswith(f"{PYTHON} -m ops "):
        ops.parser().parse_args(words[3:])
    elif words[0] == "make":
        assert re.search(rf"^{words[1]}:", (PROJECT / "Makefile").read_text(), re.M), remedy
    else:
        _assert_document(remedy)


@cache
def load_template(part: str) -> dict[str, Any]:
    return load(f"{part}.yaml")


def _assert_aws(service: str, operation: str, *rest: str) -> None:
    """Compare the command with botocore's model, from which the AWS command line is made."""
    model = _service(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(names[operation]).input_shape
    passed = {word[2:] for word in rest if word.startswith("--")} - _GENERAL
    options = {_RENAMED.get(name, name) for name in passed}
    assert options <= {xform_name(name, "-") for name in shape.members}, (operation, options)
    assert {xform_name(name, "-") for name in shape.required_members} <= options, operation


@cache
def _service(name: str) -> Any:
    return SESSION._session.get_service_model(name)


def _assert_document(remedy: str) -> None:
    named = re.search(r"(docs/[\w./-]+\.md)(?:#([\w-]+))?", remedy)
    assert named, remedy
    text = (PROJECT / named[1]).read_text()
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    anchors = {re.sub(r"\W+", "-", heading.lower()) for heading in headings}
    assert named[2] is None or named[2] in anchors, remedy
