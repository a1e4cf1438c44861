"""The walk in Firefox, which ends the scripts of a page that is left."""

from pathlib import Path

import httpx
import pytest

from tests.e2e.page import firefox
from tests.e2e.page.accounts import Account, Site
from tests.e2e.page.walk import leave_by_url, walk
from tests.e2e.page.webdriver import WebDriver


def leave_by_going_back(tab: WebDriver, _elsewhere: str) -> None:
    tab.send("Back")


def test_walk_passes_in_firefox(
    tmp_path: Path, account: Account, api: httpx.Client, page_site: Site
) -> None:
    program = firefox.program()
    if program is None:
        pytest.skip(firefox.MISSING)
    with firefox.running(program, tmp_path) as tab:
        walk(tab, page_site, account, api, leave_by_url, leave_by_going_back)
