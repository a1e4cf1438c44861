"""The check of remedies rejects a remedy that cannot be pasted or followed."""

import pytest

from tests.integration.ops.remedies import assert_usable
from tools.project import PYTHON


@pytest.mark.parametrize(
    "remedy",
    [
        "aws sns subscribe --topic-arn x --protocol email --notification-endpoint y",
        f"{PYTHON} -m infra monitoring --stage dev --parameter AlarmEmail=y",
        f"{PYTHON} -m ops restore --stage dev --to latest --drill",
        "follow docs/on-call.md#a-deleted-alarm",
    ],
)
def test_usable_remedy_passes(remedy: str) -> None:
    assert_usable(remedy)


@pytest.mark.parametrize(
    ("remedy", "error"),
    [
        ("aws sns subscribed --topic-arn x", KeyError),
        ("aws sns subscribe --topic x --protocol email", AssertionError),
        ("aws sns subscribe --topic-arn x", AssertionError),
        (f"{PYTHON} -m infra monitoring --stage dev --parameter Alarm=y", AssertionError),
        (f"{PYTHON} -m ops restore --stage dev --drill", SystemExit),
        ("make destruction STAGE=dev", AssertionError),
        ("follow docs/on-call.md#a-lost-alarm", AssertionError),
        ("follow docs/absent.md", FileNotFoundError),
        ("look elsewhere", AssertionError),
    ],
)
def test_unusable_remedy_is_rejected(remedy: str, error: type[BaseException]) -> None:
    with pytest.raises(error):
        assert_usable(remedy)
