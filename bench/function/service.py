"""The services of the candidates: the stub, and DynamoDB Local."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import boto3

from bench.function import certificate, contract
from bench.function.candidate import OURS, TITLES, Candidate
from bench.function.measurement import starter
from bench.function.worker import REGION, TABLE, Failed
from tests.dynamodb_local import dynamodb_local
from tools.errors import Misconfigured
from tools.project import PROJECT
from tools.templates import table_properties

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

#: The attributes that a peer's list shows beside the keys.
_LISTED = ["name", "price", "version", "updated_at"]
_ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB"


class CannotRun(Misconfigured):
    """Something that this machine lacks."""


@contextmanager
def stub(scratch: Path, bundle: Path) -> Iterator[dict[str, str]]:
    """Run the stub, and yield the variables of its endpoint. `bundle` is the SDK's authorities."""
    made = certificate.make(scratch, bundle)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
        [sys.executable, "-m", "bench.function.stub", str(made.certificate), str(made.key)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        port = int(cast(IO[str], process.stdout).readline())
        yield {_ENDPOINT: f"https://127.0.0.1:{port}", "AWS_CA_BUNDLE": str(made.bundle)}
    finally:
        process.kill()
        process.communicate()


def _table_of(candidate: Candidate) -> dict[str, Any]:
    """Return the properties of a candidate's table: the peers keep each field in an attribute."""
    properties = dict(table_properties())
    if candidate.name in TITLES and candidate.name != OURS:
        (index,) = properties["GlobalSecondaryIndexes"]
        flat = {"ProjectionType": "INCLUDE", "NonKeyAttributes": _LISTED}
        properties["GlobalSecondaryIndexes"] = [{**index, "Projection": flat}]
    return properties


def check_contract(candidates: Sequence[Candidate], scratch: Path) -> list[str]:
    """Return the errors of each candidate on DynamoDB Local. Raises `CannotRun`."""
    for program in ("java", "npm"):
        if shutil.which(program) is None:
            raise CannotRun(
                f"{program} is missing: install it, because DynamoDB Local checks the candidates"
            )
    wrong = []
    with dynamodb_local() as url:
        client: DynamoDBClient = boto3.client(
            "dynamodb",
            region_name=REGION,
            endpoint_url=url,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - made up
        )
        for candidate in candidates:
            client.create_table(TableName=TABLE, **_table_of(candidate))
            try:
                with starter(scratch, {_ENDPOINT: url})(candidate) as worker:
                    contract.check(worker.invoke)
            except (contract.WrongAnswer, Failed) as error:
                wrong.append(f"{candidate.name}: {error}")
            client.delete_table(TableName=TABLE)
    return wrong
