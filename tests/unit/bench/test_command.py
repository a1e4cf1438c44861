"""The command's early checks, and the places of its output."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.function.__main__ import DOCUMENT, parse, write
from bench.function.candidate import HOME, TITLES
from bench.function.report import BEGIN, END
from bench.function.result import FULL_FEATURED, Result
from tools.project import PROJECT


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--ours", "nowhere"], "has no app.py"),
        (["--variable", "NAME"], "is not NAME=VALUE"),
        (["--variable", "a-b=1"], "is not NAME=VALUE"),
    ],
)
def test_invalid_option_is_rejected(
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    with pytest.raises(SystemExit) as exit:
        parse()
    assert exit.value.code == 2
    assert said in capsys.readouterr().err


def test_overwritten_directory_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bench.function.__main__.HOME", tmp_path)
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "app.py").touch()
    monkeypatch.setattr(sys, "argv", ["bench", "--ours", f"{tmp_path / 'ours'}:before"])
    with pytest.raises(SystemExit):
        parse()
    assert "copy it to another directory" in capsys.readouterr().err


def test_the_document_has_a_place_for_the_table() -> None:
    text = DOCUMENT.read_text()
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.index(BEGIN) < text.index(END)


def test_written_files(
    measured: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.function.__main__.DOCUMENT", tmp_path / "performance.md")
    monkeypatch.setattr("bench.function.__main__.CHART", tmp_path / "performance.svg")
    (tmp_path / "performance.md").write_text(f"before\n{BEGIN}| old |\n{END}after\n")
    write("| new |\n", measured(), dict(TITLES))
    assert (tmp_path / "performance.md").read_text() == f"before\n{BEGIN}| new |\n{END}after\n"
    chart = (tmp_path / "performance.svg").read_text()
    assert chart.count('class="ours"') == 4  # a bar for each of four measures
    assert "cold start: this application 0.18, a bare handler on botocore 1.00" in chart


def test_every_peer_is_there() -> None:
    peers = PROJECT / "bench" / "function" / "peers"
    found = {each.parent.name for each in peers.glob("*/app.py")}
    assert found == TITLES.keys() - {"ours"}
    assert set(FULL_FEATURED) == found - {"l0"}


def test_output_is_ignored_by_git() -> None:
    assert HOME.relative_to(PROJECT).parts[0] == ".local"
