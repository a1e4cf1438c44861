"""The firewalls block no request that the API accepts.

A rule of AWS's that inspects a part of an item would make some items impossible: to create, or to
read and delete once they exist. The table has each rule of the groups that the templates use, as
AWS documents it ("Baseline rule groups" in the AWS WAF developer guide, November 2026).
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from chalicelib.items import ITEMS
from chalicelib.kind import parse_id
from tools.templates import load


class Rule(NamedTuple):
    """A managed rule. `accepted`: an id or an item that it may match, "" if no request can."""

    name: str
    accepted: str | dict[str, Any]
    reason: str


def item(**fields: Any) -> dict[str, Any]:
    return {"id": "1", "name": "lamp", **fields}


NO_ITEM = "no part of an item is there: "
QUERY = f"{NO_ITEM}limit, order, and a cursor in base64url"
COOKIE = f"{NO_ITEM}the API has no cookies"
SLASH = "an id has none of the characters that the pattern needs"

GROUPS = {
    "AWSManagedRulesCommonRuleSet": [
        Rule("NoUserAgent_HEADER", "any-id", "a program need not name itself"),
        Rule("UserAgent_BadBots_HEADER", "", f"{NO_ITEM}scanners by name"),
        Rule("SizeRestrictions_QUERYSTRING", "", f"{QUERY}: under 2,048 bytes"),
        Rule("SizeRestrictions_Cookie_HEADER", "", COOKIE),
        Rule("SizeRestrictions_BODY", item(description="\u65e5" * 4000), "more than 8 KB"),
        Rule("SizeRestrictions_URIPATH", "", "an id has at most 128 characters"),
        Rule("EC2MetaDataSSRF_BODY", item(description="http://169.254.169.254/"), "an address"),
        Rule("EC2MetaDataSSRF_COOKIE", "", COOKIE),
        Rule("EC2MetaDataSSRF_URIPATH", "169.254.169.254", "an address is an id"),
        Rule("EC2MetaDataSSRF_QUERYARGUMENTS", "", QUERY),
        Rule("GenericLFI_QUERYARGUMENTS", "", QUERY),
        Rule("GenericLFI_URIPATH", "", SLASH),
        Rule("GenericLFI_BODY", item(description="../../etc/passwd"), "a path"),
        Rule("RestrictedExtensions_URIPATH", "app.log", "an id that ends like a file"),
        Rule("RestrictedExtensions_QUERYARGUMENTS", "", QUERY),
        Rule("GenericRFI_QUERYARGUMENTS", "", QUERY),
        Rule("GenericRFI_BODY", item(description="https://203.0.113.1/a.php"), "a URL"),
        Rule("GenericRFI_URIPATH", "", SLASH),
        Rule("CrossSiteScripting_COOKIE", "", COOKIE),
        Rule("CrossSiteScripting_QUERYARGUMENTS", "", QUERY),
        Rule("CrossSiteScripting_BODY", item(name="<script>alert(1)</script>"), "markup"),
        Rule("CrossSiteScripting_URIPATH", "", SLASH),
    ],
    "AWSManagedRulesKnownBadInputsRuleSet": [
        Rule("JavaDeserializationRCE_HEADER", "", f"{NO_ITEM}tokens, tags, an id of the request"),
        Rule("JavaDeserializationRCE_BODY", item(name="class.module.classLoader"), "text"),
        Rule("JavaDeserializationRCE_URIPATH", "class.module.classLoader", "an id"),
        Rule("JavaDeserializationRCE_QUERYSTRING", "", QUERY),
        Rule("Host_localhost_HEADER", "", f"{NO_ITEM}the host is the gateway's or CloudFront's"),
        Rule("PROPFIND_METHOD", "", "no route has this method"),
        Rule("ExploitablePaths_URIPATH", "web-inf", "an id"),
        Rule("Log4JRCE_HEADER", "", f"{NO_ITEM}tokens, tags, an id of the request"),
        Rule("Log4JRCE_QUERYSTRING", "", QUERY),
        Rule("Log4JRCE_BODY", item(description="${jndi:ldap://example.com/}"), "text"),
        Rule("Log4JRCE_URIPATH", "", SLASH),
        Rule("ReactJSRCE_BODY", item(description='{"then":"$1:__proto__:then"}'), "text"),
    ],
    # By the source address, independently of the content.
    "AWSManagedRulesAmazonIpReputationList": [],
}
TEMPLATES = ("api.yaml", "edge.yaml")


def managed(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the managed rule groups of a template's web ACL by name."""
    rules = template["Resources"]["WebAcl"]["Properties"]["Rules"]
    plain = [rule["Fn::If"][1] if "Fn::If" in rule else rule for rule in rules]
    found = [rule["Statement"].get("ManagedRuleGroupStatement") for rule in plain]
    return {group["Name"]: group for group in found if group}


def unmatched(template: dict[str, Any]) -> dict[str, set[str]]:
    """Return the rules, by group, that are counted although they need not be, or the reverse."""
    differences = {}
    for name, group in managed(template).items():
        counted = {
            each["Name"]
            for each in group.get("RuleActionOverrides", [])
            if each["ActionToUse"] == {"Count": {}}
        }
        differences[name] = counted ^ {rule.name for rule in GROUPS[name] if rule.accepted}
    return {name: rules for name, rules in differences.items() if rules}


ACCEPTED = [rule for rules in GROUPS.values() for rule in rules if rule.accepted]


@pytest.mark.parametrize("rule", ACCEPTED, ids=lambda rule: rule.name)
def test_example_of_a_counted_rule_is_an_item(rule: Rule) -> None:
    """Otherwise a rule would only count without need."""
    if isinstance(rule.accepted, str):
        assert parse_id(rule.accepted) == rule.accepted
    else:
        body = json.dumps(rule.accepted, ensure_ascii=False).encode()
        assert ITEMS.parse(body).id == rule.accepted["id"]
        if rule.name == "SizeRestrictions_BODY":
            assert len(body) > 8192


@pytest.mark.parametrize("name", TEMPLATES)
def test_rules_that_match_items_only_count(name: str) -> None:
    template = load(name)
    assert managed(template)
    assert unmatched(template) == {}


@pytest.mark.parametrize(
    "change",
    [lambda overrides: overrides.pop(), lambda overrides: overrides[0].update(Name="Other")],
)
@pytest.mark.parametrize("name", TEMPLATES)
def test_rule_that_blocks_an_item_is_found(
    name: str, change: Callable[[list[dict[str, Any]]], object]
) -> None:
    template = load(name)
    group = managed(template)["AWSManagedRulesKnownBadInputsRuleSet"]
    change(group["RuleActionOverrides"])
    assert unmatched(template)
