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
from tools.project import PROJECT, PYTHON

PARSERS: dict[str, Callable[[], ArgumentParser]] = {
    "-m infra": infra.__main__.parser,
    "-m ops": ops.__main__.parser,
    "-m local": commands.parser,
    "deploy_site.py": deploy_site.parser,
}
DOCUMENTS = sorted({*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")})
GENERATED = PROJECT / "docs" / "commands.md"  # from the parsers

_PROGRAMS = "|".join(map(re.escape, PARSERS))
# Up to the end of the line, the code, a comment, or the next command.
_COMMAND = re.compile(rf"{re.escape(PYTHON)} ({_PROGRAMS})\b((?:(?! [#>&|])[^`\n;)])*)")
PLACEHOLDERS = {"STACK": "api", "…": "A=b"}


def documented(document: Path) -> list[tuple[str, str]]:
    """Return the program and the arguments of each command in the document."""
    return _COMMAND.findall(document.read_text().replace("\\\n", " "))


@pytest.mark.parametrize(
    "document", [each for each in DOCUMENTS if each != GENERATED], ids=lambda file: file.name
)
def test_documented_command_is_accepted(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for program, text in documented(document):
        arguments = [PLACEHOLDERS.get(word, word) for word in shlex.split(text)]
        # A sentence names the command, or one option of it, without its required arguments.
        named = f"`{PYTHON} {program}{text}`" in document.read_text()
        try:
            PARSERS[program]().parse_args(arguments)
        except SystemExit as end:
            error = capsys.readouterr().err
            incomplete = "are required:" in error or error.endswith("expected one argument\n")
            assert end.code == 0 or (named and incomplete), f"{program}{text}: {error}"


def test_many_commands_are_checked() -> None:
    assert sum(len(documented(each)) for each in DOCUMENTS if each != GENERATED) > 90
