"""Name the next step for a stack that CloudFormation no longer updates."""

DOCUMENT = "docs/updates.md#stuck-stacks"
_ROLLED_BACK = "ROLLBACK_COMPLETE"


def is_stuck(status: str) -> bool:
    """Return true if a stack in this status needs a person, or another update is in progress."""
    return status.endswith(("_FAILED", "_IN_PROGRESS")) or status == _ROLLED_BACK


def next_step(status: str) -> str:
    """Return the end of an error's message for a stack in this status, "" unless stuck."""
    return f" (the stack is {status}: see {DOCUMENT})" if is_stuck(status) else ""
