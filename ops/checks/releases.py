"""Check the deployment: stacks, the live version, certificate and logs."""

from collections.abc import Iterator
from datetime import timedelta

from infra.cloudformation.stuck import DOCUMENT
from infra.function.alias import ALIAS
from infra.permissions.terms import EDGE_REGION
from infra.stacks.deployment import Stacks
from infra.stacks.destroy import ORDER
from ops.checks.remedies import deploy
from ops.findings import Finding
from ops.memory import LATEST, Memory
from ops.recovery import text_of
from ops.tools import Tools
from ops.usage import log_groups

#: A certificate must be renewed this long before its end.
_MONTH = timedelta(days=30)


def check_stacks(stacks: Stacks, _: Tools) -> Iterator[Finding]:
    calm = []
    for stack in [stack for stack in map(stacks.stack, ORDER) if stack.exists()]:
        status = stack.status()
        if status.endswith("_FAILED") or "ROLLBACK" in status:
            found = f"{stack.name} is {status}: its last deployment failed"
            yield Finding("bad", found, f"see {DOCUMENT}, then deploy again")
        elif status.endswith("_IN_PROGRESS"):
            yield Finding("note", f"{stack.name} is {status}: a deployment is under way")
        else:
            calm.append(stack.name)
    if calm:
        yield Finding("ok", f"deployed: {', '.join(sorted(calm))}")


def check_version(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    """Find an unfinished canary, and a trial of memory sizes that was not undone."""
    stage, client = stacks.stage, tools.client("lambda")
    if stage.deployed_rest_api():
        found = "deployed by `chalice deploy`, which has neither versions nor a rollback"
        yield Finding("note", found)
        return
    if not stacks.stack("api").exists():
        yield Finding("note", f"stage {stage.name} is not released yet")
        return
    alias = client.get_alias(FunctionName=stage.function_name, Name=ALIAS)
    live = alias["FunctionVersion"]
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    moving = stacks.stack("api").status().endswith("_IN_PROGRESS")
    for version, weight in weights.items():
        found = f"version {version} gets {weight:.0%} of the requests, {live} the others"
        if moving:
            yield Finding("note", f"{found}: a release is under way")
        else:  # a rollback to the live version would have no effect
            do = (
                f"aws lambda update-alias --function-name {stage.function_name} --name {ALIAS} "
                "--routing-config AdditionalVersionWeights={}"
            )
            yield Finding("bad", f"{found}, and no release is under way", do)
    pages = client.get_paginator("list_versions_by_function")
    versions = pages.paginate(FunctionName=stage.function_name).search("Versions")
    sizes = {each["Version"]: each["MemorySize"] for each in versions}
    newest = max(sizes.keys() - {LATEST}, key=int)
    if sizes[LATEST] != sizes[newest]:  # a release publishes $LATEST
        found = f"{LATEST} has {sizes[LATEST]} MB and the newest version {newest} {sizes[newest]}"
        do = Memory(tools, stage.function_name, sizes[newest]).command()
        yield Finding("bad", f"{found}: a trial of sizes was not undone", do)
    elif not weights:
        yield Finding("ok", f"{live} is live, alone, with {sizes[live]} MB")


def check_certificate(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    arn = stacks.outputs("edge").get("CertificateArn")
    if not arn:
        yield Finding("ok", "the site has CloudFront's, which AWS renews")
        return
    client = tools.client("acm", EDGE_REGION)
    certificate = client.describe_certificate(CertificateArn=arn)["Certificate"]
    names, expiry = certificate["DomainName"], certificate.get("NotAfter")
    do = f"aws acm describe-certificate --region {EDGE_REGION} --certificate-arn {arn}"
    if certificate["Status"] != "ISSUED" or expiry is None:
        yield Finding("bad", f"{names} is {certificate['Status']}", do)
    elif expiry - tools.now() < _MONTH:
        renewal = certificate.get("RenewalSummary", {}).get("RenewalStatus", "not begun")
        yield Finding("bad", f"{names} ends on {text_of(expiry)}, and its renewal is {renewal}", do)
    else:
        yield Finding("ok", f"{names} is good until {text_of(expiry)}")


def check_logs(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    """Find log groups that never expire, and the function's if it is missing."""
    names = list(log_groups(stacks.stage).values())
    pages = tools.client("logs").get_paginator("describe_log_groups")
    found = [
        group
        for name in names
        for group in pages.paginate(logGroupNamePrefix=name).search("logGroups")
    ]
    groups = {each["logGroupName"]: each.get("retentionInDays") for each in found}
    if names[0] not in groups:
        missing = f"{names[0]} is missing, and the function may not create it"
        yield Finding("bad", missing, deploy(stacks, "data"))
    for name in [name for name in names if name in groups]:
        if days := groups[name]:
            yield Finding("ok", f"{name} is kept for {days} days")
        else:
            do = f"aws logs put-retention-policy --log-group-name {name} --retention-in-days 30"
            yield Finding("bad", f"{name} is kept, and paid for, without end", do)
