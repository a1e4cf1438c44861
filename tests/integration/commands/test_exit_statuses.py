"""Each command with each exit status that it can have without a cloud, in one table."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.__main__ import COMMANDS as INFRA
from ops import account, doctor
from ops.__main__ import COMMANDS as OPS
from tests.integration.commands.aws import DEPLOYED, EXPIRED, NOWHERE, UPLOADED, World, serve
from tests.integration.commands.conftest import (
    SIGNED_IN,
    Run,
    arguments,
    assert_one_sentence,
    configure,
    environment,
)

REPORTS = "".join(
    f"REPORT RequestId: {n}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: {size} MB\t"
    "Max Memory Used: 90 MB\n"
    for size in (512, 1024)
    for n in range(20)
)
DENIED: World = {}
#: Commands that make no request to AWS.
OFFLINE = ("infra package", "infra template", "infra documents")


class Row(NamedTuple):
    """`{tmp}` in the command is a directory of the test. Without a `world`, there is no AWS."""

    command: str
    status: int
    says: str = ""
    world: World | None = None


RESTORED = "items-dev-data-x-restored-y"
STAGED = [f"infra {name}" for name in INFRA if f"infra {name}" not in OFFLINE and name != "account"]
ON_CALL = {
    "ops restore": "ops restore --to latest",
    "ops switch": "ops switch --table items-1",
    "ops rightsize": "ops rightsize",
    "ops move": "ops move --from a --to b",
    "ops capacity": "ops capacity",
    "ops cost": "ops cost",
    "ops users": "ops users --out {tmp}/users.csv",
    "ops person": "ops person alice@example.com --forget",
}
SITE = "deploy_site.py --source {tmp}/site"

#: Every command that calls AWS for a stage, complete but for the stage.
AWS = [*STAGED, *ON_CALL.values(), SITE]
#: One of each program.
ONE = ("infra destroy", "ops rightsize", SITE)

ROWS = [
    *(Row(f"{each} --stage dev", 1, "AWS denies ", DENIED) for each in AWS),
    *(
        Row(f"{each} --stage nowhere", 2, "has no stage nowhere: pass one of", DENIED)
        for each in AWS
    ),
    *(Row(f"{each} --stage dev", 2, "credentials have expired: run `aws", EXPIRED) for each in ONE),
    Row("infra data --stage local", 2, "`make run` deploys it"),
    Row("ops switch --table x --stage local", 2, "whose data `make clean` deletes"),
    Row("infra account", 1, "AWS denies DescribeStacks (User: arn:aws:iam::", DENIED),
    Row("infra account", 2, "the AWS credentials have expired", EXPIRED),
    Row("infra account --repository owner/name", 2, "pass both --repository and --environment"),
    Row("infra data --stage dev --parameter x", 2, "is not NAME=VALUE"),
    Row("infra api --stage dev", 2, "no artifact bucket: run `make bootstrap`", NOWHERE),
    Row("infra monitoring --stage dev", 2, "no stack items-dev-data", NOWHERE),
    Row("infra site --stage dev", 2, "no stack items-dev-data", NOWHERE),
    Row("infra rollback --stage dev", 2, "no artifact bucket: run `make bootstrap`", NOWHERE),
    Row("infra rollback --stage dev --bucket bucket", 3, "no release of items-dev", DEPLOYED),
    Row("infra destroy --stage dev", 0, "", NOWHERE),
    Row("infra destroy --stage dev --dry-run", 0, "", DEPLOYED),
    Row("infra destroy --stage dev", 3, "no stack was deleted: type dev", DEPLOYED),
    Row("infra destroy --stage dev --confirm prod", 3, "no stack was deleted", DEPLOYED),
    Row("infra template --stage dev --out {tmp}", 0),
    Row(
        "infra template --stage {odd} --out {tmp}", 2, "snap_start must be true or false, not 'yes'"
    ),
    Row("infra template --stage nowhere --out {tmp}", 2, "has no stage nowhere"),
    Row("infra template --stage dev", 2, "required: --out"),
    Row("infra package --stage dev --out {tmp}", 0),
    Row("infra package --stage nowhere", 2, "has no stage nowhere"),
    Row("infra package --stage dev --out {tmp}/file/out", 2, "file/out cannot be used: "),
    Row("infra documents", 0),
    Row("infra documents --stage dev", 2, "unrecognized arguments: --stage"),
    Row("ops account", 1, f" 0 bad and {len(account.CHECKS)} unknown of", DENIED),
    Row("ops account", 2, "credentials have expired", EXPIRED),
    Row("ops account --stage dev", 2, "unrecognized arguments: --stage"),
    Row("ops doctor --stage dev", 1, f" 0 bad and {len(doctor.CHECKS)} unknown of", DENIED),
    Row("ops doctor --stage nowhere", 2, "has no stage nowhere", DENIED),
    Row("ops doctor --stage prod", 2, "no stack items-prod-data", NOWHERE),
    Row("ops doctor --stage dev", 2, "credentials have expired", EXPIRED),
    Row("ops restore --stage dev --to yesterday", 2, "no time like"),
    Row("ops restore --stage prod --to latest", 2, "no stack items-prod-data", NOWHERE),
    Row("ops restore --stage dev --to latest --target x", 3, "x is not named like", DEPLOYED),
    Row(f"ops restore --stage dev --to latest --target {RESTORED}", 3, "already", DEPLOYED),
    Row("ops switch --stage dev --table items-1 --dry-run", 0, "", DEPLOYED),
    Row("ops switch --stage prod --table x", 2, "no stack items-prod-data", NOWHERE),
    Row(
        "ops switch --stage dev --table absent",
        3,
        "absent is not there",
        {**DEPLOYED, "DescribeTable": {"Table": {"TableStatus": "CREATING"}}},
    ),
    Row("ops move --stage dev --from a --to a", 2, "--from and --to are both a", DENIED),
    Row("ops move --stage dev --from a#b --to c", 2, "'a#b' is not a sub"),
    Row("ops person x --forget --stage prod", 2, "no stack items-prod-data", NOWHERE),
    Row("ops person x --export y --dry-run --stage dev", 2, "are for --forget", DENIED),
    Row("ops users --stage prod --out {tmp}/x", 2, "no stack items-prod-data", NOWHERE),
    Row("ops capacity --stage prod", 2, "no stack items-prod-data", NOWHERE),
    Row("ops capacity --stage dev --rps 0", 2, "invalid rate value: '0'", DENIED),
    Row("ops cost --stage prod", 2, "no stack items-prod-data", NOWHERE),
    Row("ops cost --stage dev --refresh-prices", 1, "AWS denies GetProducts", DENIED),
    Row("ops rightsize --stage dev --reports {tmp}/reports", 0),
    Row("ops rightsize --stage dev --reports {tmp}/site/index.html", 2, "has no REPORT line"),
    Row("ops rightsize --stage dev --reports {tmp}/absent", 2, "absent"),
    Row("ops rightsize --stage dev", 3, "there is no function items-dev", DEPLOYED),
    Row(f"{SITE} --stage dev --dry-run", 0, "", DEPLOYED),
    Row(f"{SITE} --stage dev", 4, "caches still hold", UPLOADED),
    Row(f"{SITE} --stage prod", 2, "no stack items-prod-site", NOWHERE),
    Row(
        f"{SITE} --stage dev --rollback",
        2,
        "argument --rollback: not allowed with argument --source",
    ),
    Row(
        "deploy_site.py --source {tmp}/secret --stage dev",
        3,
        "no file was uploaded, because of these",
        DEPLOYED,
    ),
    Row("deploy_site.py --stage local --source {tmp}/site", 2, "run `make run`"),
    Row("local token alice@example.com", 2, "run `make run`"),
    Row("local run --port http", 2, "'http' is not a port from 1 to 65535"),
    Row("tools.install nothing", 2, "invalid choice: 'nothing'"),
    Row("tools.install run --into {tmp}/file/venv", 2, "file/venv/ready cannot be used: "),
    Row("tools.node", 2),
]


def test_every_command_is_in_the_table() -> None:
    ran = {" ".join(row.command.split()[:2]) for row in ROWS}
    assert {f"infra {name}" for name in INFRA} | {f"ops {name}" for name in OPS} <= ran


@pytest.fixture
def files(tmp_path: Path, project: Path) -> Iterator[dict[str, str]]:
    """Return the values of `{tmp}` and `{odd}`."""
    for name in ("site", "secret"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text("<!doctype html>")
    (tmp_path / "secret" / ".env").write_text("KEY=1")
    (tmp_path / "reports").write_text(REPORTS)
    (tmp_path / "file").write_text("a file where a directory is needed")
    before = (project / ".chalice" / "config.json").read_text()
    yield {"tmp": str(tmp_path), "odd": configure(project, snap_start="yes")}
    (project / ".chalice" / "config.json").write_text(before)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.command}-{row.status}")
def test_exit_status(row: Row, run: Run, spawn: Run, files: dict[str, str]) -> None:
    with ExitStack() as stack:
        variables = {}
        if row.world is not None:
            url = stack.enter_context(serve(row.world)).url
            variables = {**SIGNED_IN, "AWS_ENDPOINT_URL": url}
        # One row of each program has an interpreter of its own.
        start = spawn if row.world is EXPIRED else run
        result = start(row.command.format(**files), **variables)
    if row.status == 0:
        assert result.returncode == 0, result.stdout + result.stderr
        return
    if result.stderr.startswith("usage: "):  # argparse's errors
        assert result.returncode == row.status == 2
        assert row.says in result.stderr
    else:
        first = result.stderr.splitlines()[0]
        assert result.returncode == row.status, result.stdout + result.stderr
        assert first.startswith("error: ")
        assert "Traceback" not in result.stderr
        assert row.says in first


@pytest.mark.parametrize("command", [f"{each} --stage dev" for each in ONE])
def test_ctrl_c_is_130(command: str, project: Path, tmp_path: Path, files: dict[str, str]) -> None:
    with serve(None) as server:
        process = subprocess.Popen(
            arguments(command.format(**files)),
            cwd=project,
            env=environment(tmp_path, **SIGNED_IN, AWS_ENDPOINT_URL=server.url),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.asked.wait(60)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    result = subprocess.CompletedProcess(command, process.returncode, output, errors)
    assert "interrupted" in assert_one_sentence(result, 130)


def test_failing_application_is_1(run: Run, project: Path, tmp_path: Path) -> None:
    application = (project / "app.py").read_text()
    try:
        (project / "app.py").write_text("import absent_module")
        result = run(f"infra package --stage dev --out {tmp_path}/out")
    finally:
        (project / "app.py").write_text(application)
    assert result.returncode == 1
    assert result.stderr.startswith("error: the application could not be packaged:")
