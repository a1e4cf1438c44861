"""Check the names of an application and of its stages against AWS's limits.

Every resource is named after both, in a template or by CloudFormation. Without this check, a name
that AWS rejects would stop a release halfway. So would a name that CloudFormation truncates until
the deployer's policies no longer match it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_WORDS = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
_RESERVED = ("aws", "amazon", "cognito")
# The first part of a stack's id, which makes the data stack's names unique.
_ID = "0" * 8
# The random end of a name that CloudFormation generates, with its hyphen.
_END = "-" + "0" * 12


class Limit(NamedTuple):
    """The longest name of a resource, in characters.

    `form` has `{app}` and `{stage}`. CloudFormation generates a form that ends in `_END`, and
    truncates a longer form. It truncates the stack's name first, which the policies match:
    https://github.com/aws-cloudformation/cloudformation-cli-java-plugin (IdentifierUtils)
    """

    resource: str
    form: str
    most: int
    source: str

    def length(self, app: str, stage: str) -> int:
        return len(self.form.format(app=app, stage=stage))

    def __str__(self) -> str:
        return f"{self.resource} ({self.form}) has at most {self.most} characters ({self.source})"


_API = "https://docs.aws.amazon.com/"
#: The limits of the application's name. The policies name a role by application and logical id.
APPLICATION = (
    Limit(
        "CodeDeploy's role",
        "{app}--CodeDeployServiceRole" + _END,
        64,
        _API + "IAM/latest/APIReference/API_CreateRole.html",
    ),
)
#: The limits of both names together. All other resources allow longer names.
STAGE = (
    Limit(
        "the sampling rule of traces",
        "{app}-{stage}",
        32,
        _API + "xray/latest/api/API_SamplingRule.html",
    ),
    Limit(
        "the backup vault with a key of its own",
        "{app}-{stage}-" + _ID + "-own-key",
        50,
        _API + "aws-backup/latest/devguide/API_CreateBackupVault.html",
    ),
    Limit(
        "the site's bucket",
        "{app}-{stage}-site-bucket" + _END,
        63,
        _API + "AmazonS3/latest/userguide/bucketnamingrules.html",
    ),
    Limit(
        "the login domain",
        "{app}-{stage}-" + _ID,
        63,
        _API + "cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html",
    ),
)


def problems(app: str, stage: str = "") -> list[str]:
    """Return a sentence for each problem of the names, without `stage` only of the application."""
    sentences = list(_application(app))
    if stage and not sentences:
        sentences += _stage(app, stage)
    return sentences


def _application(app: str) -> Iterator[str]:
    if not _WORDS.fullmatch(app):
        yield (
            f"app_name {app!r} must start with a lower-case letter, and contain only lower-case "
            "letters, digits and single hyphens"
        )
    yield from _reserved("app_name", app)
    yield from (
        f"app_name {app!r} has {len(app)} characters, {over} too many: {limit}"
        for limit, over in _exceeded(APPLICATION, app, "")
    )


def _stage(app: str, stage: str) -> Iterator[str]:
    name = f"{app}-{stage}"
    # A stage may begin with a digit, because it never comes first.
    if not _WORDS.fullmatch(name):
        yield f"stage {stage!r} must contain only lower-case letters, digits and single hyphens"
    yield from _reserved("app_name and stage", name)
    yield from (
        f"app_name and stage {name!r} have {len(name)} characters, {over} too many: {limit}"
        for limit, over in _exceeded(STAGE, app, stage)
    )


def _reserved(subject: str, name: str) -> Iterator[str]:
    for word in _RESERVED:
        if word in name:
            yield f"{subject} {name!r} must not contain {word!r}, which Cognito rejects in a domain"


def _exceeded(limits: tuple[Limit, ...], app: str, stage: str) -> Iterator[tuple[Limit, int]]:
    """Yield the most exceeded limit, if any, with the number of excess characters."""
    over = {limit: limit.length(app, stage) - limit.most for limit in limits}
    worst = max(limits, key=over.__getitem__)
    if over[worst] > 0:
        yield worst, over[worst]
