"""The walk in WebKit, without going back, at which its driver hangs.

In each run, test_firefox.py has the walk in another engine, and with all its ways to leave.
"""

from pathlib import Path

import httpx
import pytest

from tests.e2e.page import webkit
from tests.e2e.page.accounts import Account, Site
from tests.e2e.page.walk import leave_by_url, walk


@pytest.mark.long
def test_walk_passes_in_webkit(
    tmp_path: Path, account: Account, api: httpx.Client, page_site: Site
) -> None:
    if not webkit.is_present():
        pytest.skip(webkit.MISSING)
    with webkit.running(tmp_path) as tab:
        walk(tab, page_site, account, api, leave_by_url)
