"""The account, the region and the stage that a command works with."""

from dataclasses import dataclass

from ops.tools import Tools


@dataclass(frozen=True)
class Caller:
    """The identity that AWS sees. `stage` is empty for a command about the account."""

    account: str
    region: str
    stage: str = ""

    def __str__(self) -> str:
        stage = [f"stage {self.stage}"] if self.stage else []
        return ", ".join([f"account {self.account}", self.region, *stage])


def identify(tools: Tools, stage: str = "") -> Caller:
    """Return the caller. AWS lets every valid identity ask this, whatever its policies deny."""
    # Not the region of STS, which has a global endpoint and needs no region.
    region = tools.client("dynamodb").meta.region_name
    return Caller(tools.client("sts").get_caller_identity()["Account"], region, stage)
