"""Each `aws` command in the documents has an operation and options of AWS's own schemas."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jmespath
import pytest
from botocore import xform_name
from botocore.session import get_session

from tests import repository

#: Options of each command, which the AWS CLI takes itself.
GLOBAL = {"query", "output", "region", "max-items"}
#: The AWS CLI's own names of a service, of options, and commands that are no operation of AWS.
SERVICES = {"deploy": "codedeploy"}
COMMANDS = {("logs", "tail"): {"since", "filter-pattern", "follow"}, ("s3", "sync"): {"delete"}}
RENAMED = {("sns", "subscribe"): {"endpoint": "notification-endpoint"}}
OPERATORS = {"|", "||", "&&", ";", ")", "#"}

_SESSION = get_session()
_BLOCK = re.compile(r"^ *```[^\n]*\n(.*?)^ *```$", re.M | re.S)


def codes(document: Path) -> list[str]:
    """Return the lines of the document's blocks, and the code within its sentences."""
    text = document.read_text().replace("\\\n", " ")
    blocks = re.findall(_BLOCK, text)
    prose = re.sub(_BLOCK, "", text)
    indented = [line for line in prose.splitlines() if line.startswith("    ")]
    return [
        *(line for block in blocks for line in block.splitlines()),
        *indented,
        *re.findall(r"`([^`\n]+)`", prose),
    ]


def words(code: str) -> Iterator[str]:
    """Yield the words of a command, up to the end of the command."""
    lexer = shlex.shlex(code, posix=True, punctuation_chars="|&;)")
    lexer.whitespace_split = True
    try:
        for word in lexer:
            if word in OPERATORS:
                return
            yield word
    except ValueError:  # a quotation that began before the command
        return


def documented() -> Iterator[Any]:
    for document in repository.DOCUMENTS:
        for code in codes(document):
            for match in re.finditer(r"\baws (?=[a-z0-9][a-z0-9-]* [a-z-]+)", code):
                command = [*words(code[match.end() :])]
                yield pytest.param(command, id=f"{document.name}: {' '.join(command[:2])}")


COMMANDS_OF_DOCUMENTS = [*documented()]


def members(service: str, command: str, shape: str) -> set[str]:
    """Return the members of the command's `input_shape` or `output_shape`.

    Raises `KeyError` if AWS has no such operation.
    """
    model = _SESSION.get_service_model(SERVICES.get(service, service))
    names = {xform_name(name, "-"): name for name in model.operation_names}
    found: Any = getattr(model.operation_model(names[command]), shape)
    return set(found.members if found else ())


def options(service: str, command: str) -> set[str]:
    """Return the options of a command."""
    if (service, command) in COMMANDS:
        return COMMANDS[service, command]
    names = {xform_name(name, "-") for name in members(service, command, "input_shape")}
    renamed = RENAMED.get((service, command), {})
    return {renamed.get(name, name) for name in names}


@pytest.mark.filterwarnings("ignore:deprecated string literal syntax")  # AWS's own examples have it
@pytest.mark.parametrize("command", COMMANDS_OF_DOCUMENTS)
def test_documented_aws_command_exists(command: list[str]) -> None:
    service, operation, *rest = command
    given = [word.removeprefix("--") for word in rest if word.startswith("--")]
    assert set(given) <= options(service, operation) | GLOBAL
    if "query" in given:
        query = rest[rest.index("--query") + 1]
        jmespath.compile(query)
        first = re.match(r"\w+", query)
        assert not first or first[0] in members(service, operation, "output_shape")


def test_many_aws_commands_are_checked() -> None:
    assert len(COMMANDS_OF_DOCUMENTS) > 30
