"""Lambda's init phase, which runs before the first request and so delays no caller.

`app.py` calls `begin` before its other imports and `finish` after its last route. Both return at
once outside of Lambda. This module imports only `config` at its top, because any other import would
run before the client connects.
"""

import gc
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib import config

if TYPE_CHECKING:
    from chalicelib.table import RecordTable


def begin() -> None:
    """Make DynamoDB's client and start to connect it, while the caller imports the rest.

    Making and connecting the client is most of a cold start. Garbage collection stops until
    `finish`, because imports create many objects and free few.
    """
    if not config.initializing_on_lambda():
        return
    gc.disable()
    from chalicelib.dynamodb import connect

    connect.prepare(os.environ.get("TABLE_NAME", ""))


def finish(make_table: Callable[[], "RecordTable"]) -> None:
    """Make the table, register it with SnapStart, and resume garbage collection.

    Log an error instead of raising it: the first request meets it again, and can respond to it.
    """
    if not config.initializing_on_lambda():
        return
    from chalicelib import observability
    from chalicelib.dynamodb import choice

    try:
        table = make_table()
        observability.log_start("own" if choice.serves() else "sdk")
        if config.snapshot_follows():
            # Only Lambda's runtimes that take snapshots have this module. The other
            # initialization types do not import it.
            from snapshot_restore_py import register_after_restore

            register_after_restore(table.reset_after_restore)
    except Exception as error:
        observability.log_failure(error)
    gc.freeze()  # the collector skips everything that exists now
    gc.enable()
