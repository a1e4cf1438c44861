"""What importing the application does, which is what Lambda's init phase does."""

import os
import subprocess
import sys

import pytest

COUNT_CLIENTS = """
import botocore.session
made = []
real = botocore.session.Session.create_client
def create_client(self, *args, **kwargs):
    made.append(args)
    return real(self, *args, **kwargs)
botocore.session.Session.create_client = create_client
import app
print(len(made))
"""


def clients_made_at_import(**variables: str) -> int:
    result = subprocess.run(
        [sys.executable, "-c", COUNT_CLIENTS],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(result.stdout.splitlines()[-1])


ON_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "items", "TABLE_NAME": "items"}


@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({"TABLE_NAME": "items"}, 0),
        (ON_LAMBDA, 1),
        ({**ON_LAMBDA, "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, 1),
        ({**ON_LAMBDA, "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}, 0),
        # A failure waits for the first request, which can answer it.
        ({**ON_LAMBDA, "TABLE_NAME": ""}, 0),
    ],
)
def test_the_client_is_made_during_init_and_only_then(
    variables: dict[str, str], count: int
) -> None:
    assert clients_made_at_import(**variables) == count
