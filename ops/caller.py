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
    """Return the caller. AWS allows every valid identity this call, even if a policy denies it."""
    # STS has a global endpoint and needs no region, so use the region of another service.
    region = tools.client("dynamodb").meta.region_name
    return Caller(tools.client("sts").get_caller_identity()["Account"], region, stage)
