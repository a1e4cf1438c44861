"""Mutants: the list of faults, and where each one applies."""

import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("mutants.toml")

#: Paths relative to the project, and their text.
Sources = Mapping[Path, str]
Change = tuple[Path, str]


class NotApplicable(Exception):
    """The list does not fit the project. The message has the reason."""


@dataclass(frozen=True)
class Mutant:
    """A fault: `before` becomes `after` in the one source file that contains `before`.

    The list names no source file, so that a file can move without a change to the list.
    `tests` are paths of test files or folders, of which at least one test must fail.
    """

    id: str
    why: str
    before: str
    after: str
    tests: tuple[str, ...]

    def mutate(self, sources: Sources) -> Change:
        """Return the file to change and its new text.

        Raises `NotApplicable` unless `before` occurs exactly once in all sources.
        """
        places = [file for file, text in sources.items() for _ in range(text.count(self.before))]
        if len(places) != 1:
            found = ", ".join(str(file) for file in places) or "in no source file"
            raise NotApplicable(f"`before` occurs {len(places)} times, not once: {found}")
        return places[0], sources[places[0]].replace(self.before, self.after)


def load(file: Path = LIST) -> list[Mutant]:
    """Read the list. Raises `NotApplicable` if an entry is malformed or an id occurs twice."""
    mutants: dict[str, Mutant] = {}
    for entry in tomllib.loads(file.read_text())["mutant"]:
        try:
            mutant = Mutant(**{**entry, "tests": tuple(entry["tests"])})
        except (KeyError, TypeError) as error:
            raise NotApplicable(f"{file.name}: malformed entry {entry}: {error}") from error
        if mutants.setdefault(mutant.id, mutant) is not mutant:
            raise NotApplicable(f"{file.name}: the id {mutant.id} occurs twice")
    return list(mutants.values())


def tracked(project: Path) -> list[Path]:
    """Return the files that git has or would add, relative to `project`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=project, check=True, capture_output=True, text=True)
    files = [Path(name) for name in listed.stdout.split("\0") if name]
    return [file for file in files if (project / file).is_file()]


def read_sources(project: Path) -> Sources:
    """Read the code and templates to mutate: the tests and `bench` are not among them."""
    return {
        file: (project / file).read_text()
        for file in tracked(project)
        if file.suffix in (".py", ".ts", ".yaml") and not {"tests", "bench"} & set(file.parts)
    }
