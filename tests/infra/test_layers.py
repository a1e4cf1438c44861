"""The allowed imports: a part of the project imports only from its own floor or below."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.project import PROJECT

#: The rooms of `infra` and the modules at its root, from the lowest up: each imports those before.
INFRA = (
    "errors",
    "names",
    "stage",
    "aws",
    "cloudformation",
    "function",
    "gateway",
    "permissions",
    "release",
    "stacks",
    "site",
    "documents",
)

#: All floors, from the lowest up. Rooms on one floor may import each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("chalicelib",),
    ("app",),
    ("tools",),
    *((f"infra.{room}",) for room in INFRA),
    ("local", "ops", "deploy_site", "serverful"),
    # The reference describes the commands of every room.
    ("infra.commands", "infra.__main__"),
    ("bench", "tests"),
)
ROOMS = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
TOP = {room.partition(".")[0] for room in ROOMS}

#: The hook into Chalice's commands, which app.py calls where one of them imports it.
EXCUSED = {("app", "local.chalice_cli")}


def room_of(module: str) -> str:
    """Return the room of a module of the project, an unknown room if it has none."""
    top, _, rest = module.partition(".")
    return top if top in ROOMS else f"{top}.{rest.partition('.')[0]}"


def imported(source: str) -> Iterator[str]:
    """The modules of the project that a source imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute, so that this test can read them"
            # `from infra import stage` imports a module, `from infra.stage import Stage` a name.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if name.partition(".")[0] in TOP)


def climbs(module: str, source: str) -> list[str]:
    """Return a module's imports from a higher floor."""
    floor = ROOMS[room_of(module)]
    return [
        name
        for name in imported(source)
        if ROOMS[room_of(name)] > floor
        and not any((module, name.rpartition(".")[0]) == excused for excused in EXCUSED)
    ]


def types_at_run_time(source: str) -> list[int]:
    """Return the lines that fail where the packages of development are not installed."""
    if "types_boto3" not in source:
        return []
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and "types_boto3" in ast.unparse(node)
    ]


def module_of(file: Path) -> str:
    parts = file.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = sorted(
    file
    for top in TOP
    for file in [PROJECT / f"{top}.py", *(PROJECT / top).rglob("*.py")]
    # The peers of the measurements are other applications.
    if file.is_file() and "peers" not in file.parts and module_of(file) != "infra"
)


def test_imports_stay_on_lower_floors() -> None:
    higher = {module_of(file): climbs(module_of(file), file.read_text()) for file in FILES}
    assert {module: names for module, names in higher.items() if names} == {}


def test_types_of_clients_are_for_mypy_only() -> None:
    lines = {module_of(file): types_at_run_time(file.read_text()) for file in FILES}
    assert {module: found for module, found in lines.items() if found} == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("if TYPE_CHECKING:\n    from types_boto3_s3 import S3Client", []),
        ("from types_boto3_s3 import S3Client", [1]),
        ("def late():\n    import types_boto3_s3.type_defs", [2]),
    ],
)
def test_types_at_run_time_are_found(source: str, lines: list[int]) -> None:
    assert types_at_run_time(source) == lines


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_there(room: str) -> None:
    path = PROJECT.joinpath(*room.split("."))
    assert path.is_dir() or path.with_suffix(".py").is_file()


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("chalicelib.table", "from infra import stage", ["infra.stage"]),
        ("infra.stage", "from infra.function.policy import a", ["infra.function.policy.a"]),
        ("infra.function.alias", "def late():\n    import infra.stacks", ["infra.stacks"]),
        ("infra.site.plan", "import local.home", ["local.home"]),
        ("ops.switch", "from tests import contract", ["tests.contract"]),
        ("app", "from local.cloud import Cloud", ["local.cloud.Cloud"]),
        ("app", "from local.chalice_cli import install", []),
        ("infra.stacks.account", "from infra.permissions.terms import a\nimport json", []),
        ("local.site", "import deploy_site", []),
    ],
)
def test_an_edge_that_climbs_is_found(module: str, source: str, found: list[str]) -> None:
    assert climbs(module, source) == found


def test_a_module_that_is_in_no_room_is_found() -> None:
    with pytest.raises(KeyError):
        climbs("infra.utils", "")


def test_infra_has_few_modules_at_its_root() -> None:
    modules = {file.stem for file in (PROJECT / "infra").glob("*.py")}
    assert len(modules) <= 6, sorted(modules)
