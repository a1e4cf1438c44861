"""The faults between page and API."""

from unittest.mock import Mock

from playwright.sync_api import Route

from tests.e2e.page.faults import Held


def test_held_request_passes_after_release() -> None:
    passed: list[Route] = []
    held = Held(passed.append)
    early, late = Mock(spec=Route), Mock(spec=Route)
    held(early)
    assert passed == []
    held.release()
    held(late)
    assert passed == [early, late]
