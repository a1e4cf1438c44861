"""The arguments of `python -m local`."""

import pytest

from local.commands import parser


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["walk"],
        ["token"],
        ["run", "--port", "http"],
        ["run", "--port", "65536"],
        ["logs", "--since", "10"],
        ["new", "app", "--name", "bookings", "--item", "Booking"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        parser().parse_args(arguments)
    assert exited.value.code == 2
    assert capsys.readouterr().err.startswith("usage: .venv/bin/python -m local")
