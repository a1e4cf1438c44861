"""The headers and the app client of infra/templates/site.yaml, as they are on AWS."""

import re
from typing import Any

import pytest

from local.sign_in import SCOPES
from tests.infra.templates.naming import named
from tools.templates import load, on_aws

TEMPLATE = named(load("site.yaml"))


def properties(name: str, **chosen: bool) -> dict[str, Any]:
    found: dict[str, Any] = on_aws(TEMPLATE["Resources"][name]["Properties"], **chosen)
    return found


def headers(policy: str) -> dict[str, Any]:
    found: dict[str, Any] = properties(policy)["ResponseHeadersPolicyConfig"]
    return found


def content_security_policy() -> dict[str, str]:
    """The page's policy by directive."""
    policy = headers("PageHeaders")["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    separator, directives = policy["ContentSecurityPolicy"]["Fn::Join"]
    assert separator == "; "
    texts = [each["Fn::Sub"] if isinstance(each, dict) else each for each in directives]
    return {name: value for name, _, value in (text.partition(" ") for text in texts)}


def test_the_content_security_policy_is_strict() -> None:
    policy = content_security_policy()
    assert policy["default-src"] == "'none'"
    for name in ("script-src", "style-src", "img-src", "font-src", "manifest-src"):
        assert policy[name] == "'self'"
    assert policy["connect-src"] == "'self' ${LoginUrl}"
    for name in ("base-uri", "form-action", "frame-ancestors", "object-src", "trusted-types"):
        assert policy[name] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "upgrade-insecure-requests" in policy
    for value in policy.values():
        assert not re.search(r"unsafe-|\*|data:|blob:", value)


def test_page_has_security_headers() -> None:
    security = headers("PageHeaders")["SecurityHeadersConfig"]
    assert {each["Override"] for each in security.values()} == {True}
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 2 * 365 * 24 * 3600
    assert security["StrictTransportSecurity"]["IncludeSubdomains"] is True
    assert security["FrameOptions"]["FrameOption"] == "DENY"
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"
    assert "ContentTypeOptions" in security
    custom = {
        each["Header"]: each for each in headers("PageHeaders")["CustomHeadersConfig"]["Items"]
    }
    assert {each["Override"] for each in custom.values()} == {True}
    assert custom["Cross-Origin-Opener-Policy"]["Value"] == "same-origin"
    assert custom["Cross-Origin-Resource-Policy"]["Value"] == "same-origin"
    features = custom["Permissions-Policy"]["Value"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"} <= set(features)
    assert all(feature.endswith("=()") for feature in features)


def test_the_apis_own_headers_stand() -> None:
    config = headers("ApiHeaders")
    assert config.keys() == {"Name", "SecurityHeadersConfig", "CustomHeadersConfig"}  # no CORS
    security = config["SecurityHeadersConfig"]
    assert {name for name, each in security.items() if each["Override"]} == {
        "StrictTransportSecurity"
    }
    policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert policy == "default-src 'none'; frame-ancestors 'none'"
    assert config["CustomHeadersConfig"]["Items"] == [
        {"Header": "Cross-Origin-Resource-Policy", "Value": "same-origin", "Override": False}
    ]


def test_page_client_is_public_with_pkce_only() -> None:
    client = properties("PageClient")
    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["AllowedOAuthScopes"] == ["openid", "email", *SCOPES]
    # For callers with permissions in the account. A public client id is not enough.
    assert client["ExplicitAuthFlows"] == ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True
    assert client["RefreshTokenRotation"]["Feature"] == "ENABLED"
    assert client["RefreshTokenRotation"]["RetryGracePeriodSeconds"] <= 60
    validity = client["AccessTokenValidity"], client["IdTokenValidity"]
    assert validity == (15, 15)
    assert client["RefreshTokenValidity"] == 1
    assert client["TokenValidityUnits"] == {
        "AccessToken": "minutes",
        "IdToken": "minutes",
        "RefreshToken": "days",
    }


@pytest.mark.parametrize("name", ["CallbackURLs", "LogoutURLs"])
def test_sign_in_and_out_end_at_the_site_only(name: str) -> None:
    assert properties("PageClient")[name] == [{"Fn::Sub": "https://${Distribution.DomainName}/"}]
    own = properties("PageClient", OwnName=True)[name]
    assert own == [{"Fn::Sub": "https://${DomainName}/"}]
    developed = properties("PageClient", Developed=True)[name]
    assert developed[1:] == [{"Ref": "DevelopmentUrl"}]


def test_client_redirects_to_the_site() -> None:
    outputs = TEMPLATE["Outputs"]
    for chosen in ({}, {"OwnName": True}, {"Local": True}):
        (callback, *_) = properties("PageClient", **chosen)["CallbackURLs"]
        url, *labels = _text(on_aws(outputs["SiteUrl"]["Value"], **chosen))
        assert _text(callback) == [f"{url}/", *labels]
    assert outputs.keys() == {
        "BucketName",
        "DistributionId",
        "SiteUrl",
        "ClientId",
        "UserPoolId",
        "LoginUrl",
        "RestApiId",
    }


def _text(sub: dict[str, Any]) -> list[Any]:
    """Return the text of a `Fn::Sub`, and its values if it has any."""
    text = sub["Fn::Sub"]
    return text if isinstance(text, list) else [text]
