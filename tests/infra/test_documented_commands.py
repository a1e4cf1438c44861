"""Each command in the documents is accepted by the parser of the command itself."""

import re
import shlex
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

import pytest

import deploy_site
import infra.__main__
import ops.__main__
from local import commands
from tests import repository
from tools.project import PYTHON

PARSERS: dict[str, Callable[[], ArgumentParser]] = {
    "-m infra": infra.__main__.parser,
    "-m ops": ops.__main__.parser,
    "-m local": commands.parser,
    "deploy_site.py": deploy_site.parser,
}
# docs/commands.md is generated from the parsers.
DOCUMENTS = [each for each in repository.DOCUMENTS if each.name != "commands.md"]

_PROGRAMS = "|".join(map(re.escape, PARSERS))
# Up to the end of the line, the code, a comment, or the next command.
_COMMAND = re.compile(rf"{re.escape(PYTHON)} ({_PROGRAMS})\b((?:(?! [#>&|])[^`\n;)])*)")
PLACEHOLDERS = {"STACK": "api", "…": "A=b"}


def documented(document: Path) -> list[tuple[str, str]]:
    """Return the program and the arguments of each command in the document."""
    return _COMMAND.findall(document.read_text().replace("\\\n", " "))


def error_of(program: str, text: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the parser's error about the arguments, "" if it accepts them."""
    try:
        PARSERS[program]().parse_args([PLACEHOLDERS.get(word, word) for word in shlex.split(text)])
    except SystemExit:  # after --help without an error
        return capsys.readouterr().err
    return ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_documented_command_is_accepted(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prose = document.read_text()
    for program, text in documented(document):
        error = error_of(program, text, capsys)
        # A sentence may name a command, or one option of it, without its required arguments.
        if f"`{PYTHON} {program}{text}`" in prose:
            incomplete = "are required:" in error or error.endswith("expected one argument\n")
            assert not error or incomplete, f"{program}{text}: {error}"
        else:
            assert not error, f"{program}{text}: {error}"


def test_many_commands_are_checked() -> None:
    assert sum(len(documented(each)) for each in DOCUMENTS) > 90
