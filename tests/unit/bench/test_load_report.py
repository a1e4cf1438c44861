"""The tables, and the complaints that fail the command."""

from pathlib import Path

from bench.function.report import BEGIN, END, place
from bench.load.__main__ import DOCUMENT, FULL, QUICK
from bench.load.generator import NOT_SENT, Answer
from bench.load.memory import LIMIT, Memory
from bench.load.processes import Work
from bench.load.report import complaints, load_table, memory_table, verdict
from bench.load.step import Step

WORK = Work(emulator=0.6, function=0.3, generator=0.1)

FAST = Step(5.0, 2.0, [Answer("get", 1.0, 0.02, "200")] * 10, WORK)
FULL_UP = Step(
    10.0,
    2.0,
    [Answer("get", 4.0, 1.5, "200")] * 16 + [Answer("put", 4.0, 10.0, NOT_SENT)] * 4,
    WORK,
)
FLAT = Memory(5_000, [50 * LIMIT] * 20)
GROWN = Memory(5_000, [50 * LIMIT, 53 * LIMIT])


def rows(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def test_the_tables_of_the_load() -> None:
    text = load_table([FAST, FULL_UP])
    header, fast, full, work, *costs = rows(text)
    assert fast == ["5/s", "5.0/s", "20", "20", "20", "20", "0 %"]
    assert full == ["10/s", "4.0/s", "1,500", "10,000", "10,000", "10,000", "20.0 % (not sent: 4)"]
    assert len(header) == len(fast)
    assert work[1] == "the emulator"
    assert costs == [["5/s", "60.0", "30.0", "10.0"], ["10/s", "37.5", "18.8", "6.2"]]
    assert "The highest throughput was 5 requests a second." in text
    assert "the emulator used 60 %, the function 30 %, and the load generator 10 %" in text


def test_the_table_of_memory() -> None:
    _, *found = rows(memory_table(FLAT))
    assert [each[0] for each in found][:: len(found) - 1] == ["5,000", "100,000"]
    assert len(found) == 5
    assert {each[1] for each in found} == {"50.0"}
    assert len(rows(memory_table(GROWN))) == 3


def test_the_verdict() -> None:
    assert verdict(FLAT).startswith("Flat: +0.00 MB from request 5,000 to 100,000")
    assert verdict(GROWN).startswith("It grows: +3.00 MB")
    assert complaints([FAST, FULL_UP], FLAT) == []
    [grown] = complaints([FAST, FULL_UP], GROWN)
    assert grown == verdict(GROWN)
    [wrong] = complaints([FULL_UP, FAST], FLAT)
    assert wrong == "errors at 10 requests a second: 20.0 % (not sent: 4)"


def test_the_document_has_its_place() -> None:
    text = DOCUMENT.read_text()
    assert text.count(BEGIN) == text.count(END) == 1
    copy = text.partition(BEGIN)[0]
    assert "](load.svg)" in copy
    assert "`.venv/bin/python -m bench.load`" in copy


def test_placed_text_replaces_the_old_text(tmp_path: Path) -> None:
    document = tmp_path / "load.md"
    document.write_text(f"before\n{BEGIN}old\n{END}after\n")
    place("new \\1\n", document)
    assert document.read_text() == f"before\n{BEGIN}new \\1\n{END}after\n"


def test_the_plans_can_be_judged() -> None:
    for plan in (FULL, QUICK):
        assert list(plan.rates) == sorted(plan.rates)
        assert plan.samples >= 2
    assert FULL.every * FULL.samples == 100_000
