"""Requirements of site.yaml on AWS. tests/e2e/test_site_hosting.py tests the local cloud."""

import re
from typing import Any

import pytest

from tools.templates import load, on_aws

TEMPLATE = load("site.yaml")
RESOURCES = TEMPLATE["Resources"]
DISTRIBUTION_ARN = (
    "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}"
)


def properties(name: str, **chosen: bool) -> dict[str, Any]:
    found: dict[str, Any] = on_aws(RESOURCES[name]["Properties"], **chosen)
    return found


def distribution(**chosen: bool) -> dict[str, Any]:
    found: dict[str, Any] = properties("Distribution", **chosen)["DistributionConfig"]
    return found


def statement(sid: str) -> dict[str, Any]:
    statements = properties("BucketPolicy")["PolicyDocument"]["Statement"]
    (found,) = [each for each in statements if each["Sid"] == sid]
    assert isinstance(found, dict)
    return found


def test_api_gets_the_origin_secret() -> None:
    (header,) = distribution(Known=True)["Origins"][1]["OriginCustomHeaders"]
    rules = load("api.yaml")["Resources"]["WebAcl"]["Properties"]["Rules"]
    asked = on_aws(rules[0], Concealed=True)["Statement"]["NotStatement"]["Statement"]
    match = asked["ByteMatchStatement"]
    assert match["FieldToMatch"] == {"SingleHeader": {"Name": header["HeaderName"]}}
    assert match["SearchString"] == header["HeaderValue"]
    assert match["PositionalConstraint"] == "EXACTLY"
    # The bucket gets no secret, and without a secret neither origin gets the header.
    page, api = distribution(Known=False)["Origins"]
    assert "OriginCustomHeaders" not in {**page, **api}
    assert "OriginCustomHeaders" not in distribution(Known=True)["Origins"][0]


def test_bucket_is_private_and_encrypted() -> None:
    bucket = properties("Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    # One with a name of its own would be in the way of the stack's next life.
    assert "BucketName" not in bucket
    assert RESOURCES["Bucket"]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert RESOURCES["Bucket"]["UpdateReplacePolicy"] == "Retain"


def test_old_versions_and_uploads_expire() -> None:
    rules = properties("Bucket")["LifecycleConfiguration"]["Rules"]
    assert {rule["Status"] for rule in rules} == {"Enabled"}
    merged = {name: value for rule in rules for name, value in rule.items()}
    assert merged["NoncurrentVersionExpiration"]["NoncurrentDays"] >= 30  # for rollbacks
    assert merged["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] <= 7
    # Current versions stay at any age.
    assert not merged.keys() & {"ExpirationInDays", "ExpirationDate"}


def test_only_the_distribution_reads_the_bucket() -> None:
    statements = properties("BucketPolicy")["PolicyDocument"]["Statement"]
    allowed = [each for each in statements if each["Effect"] == "Allow"]
    assert [each["Action"] for each in allowed] == ["s3:GetObject", "s3:ListBucket"]
    for each in allowed:
        assert each["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert each["Condition"] == {
            "StringEquals": {"AWS:SourceArn": {"Fn::Sub": DISTRIBUTION_ARN}}
        }
    assert properties("OriginAccessControl")["OriginAccessControlConfig"] == {
        "Name": {"Ref": "AWS::StackName"},
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    page = distribution()["Origins"][0]
    assert page["OriginAccessControlId"] == {"Fn::GetAtt": "OriginAccessControl.Id"}
    assert page["S3OriginConfig"] == {"OriginAccessIdentity": ""}


def test_the_record_of_releases_is_not_served() -> None:
    assert statement("ReleasesAreNotServed") == {
        "Sid": "ReleasesAreNotServed",
        "Effect": "Deny",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": {"Fn::Sub": "${Bucket.Arn}/_releases/*"},
    }


def test_the_bucket_refuses_plain_http() -> None:
    found = statement("TlsOnly")
    assert (found["Effect"], found["Principal"], found["Action"]) == ("Deny", "*", "s3:*")
    assert found["Resource"] == [{"Fn::GetAtt": "Bucket.Arn"}, {"Fn::Sub": "${Bucket.Arn}/*"}]
    assert found["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_page_redirects_and_api_rejects_http() -> None:
    assert distribution()["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    (api,) = distribution()["CacheBehaviors"]
    assert api["ViewerProtocolPolicy"] == "https-only"
    origin = distribution()["Origins"][1]["CustomOriginConfig"]
    assert origin["OriginProtocolPolicy"] == "https-only"
    assert origin["OriginSSLProtocols"] == ["TLSv1.2"]


def test_a_name_of_its_own_comes_with_modern_tls() -> None:
    assert distribution(OwnName=True)["ViewerCertificate"] == {
        "AcmCertificateArn": {"Ref": "CertificateArn"},
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    assert distribution(OwnName=True)["Aliases"] == [{"Ref": "DomainName"}]
    assert distribution()["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}
    assert "Aliases" not in distribution()
    (rule,) = TEMPLATE["Rules"].values()
    (assertion,) = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}]}
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]}


def test_domain_has_ipv4_and_ipv6_records() -> None:
    records = [each for each in RESOURCES.values() if each["Type"] == "AWS::Route53::RecordSet"]
    assert [each["Properties"]["Type"] for each in records] == ["A", "AAAA"]
    for each in records:
        assert each["Condition"] == "OwnZone"
        assert each["Properties"]["Name"] == {"Ref": "DomainName"}
        target = each["Properties"]["AliasTarget"]
        assert target["DNSName"] == {"Fn::GetAtt": "Distribution.DomainName"}
        assert target["HostedZoneId"] == "Z2FDTNDATAQYW2"


def test_the_distribution_is_up_to_date_and_plain() -> None:
    config = distribution()
    assert config["HttpVersion"] == "http2and3"
    assert config["IPV6Enabled"] is True
    assert config["DefaultRootObject"] == "index.html"
    assert config.keys().isdisjoint({"WebACLId", "Logging"})
    assert distribution(Firewall=True)["WebACLId"] == {"Ref": "WebAclArn"}
    assert distribution(Logged=True)["Logging"]["Bucket"] == {"Ref": "AccessLogBucket"}


def test_errors_are_neither_replaced_nor_kept() -> None:
    found = distribution()["CustomErrorResponses"]
    # Every status that CloudFront caches by default, without an error page.
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
    kept = (404, 414, 500, 501, 502, 503, 504)
    assert found == [{"ErrorCode": status, "ErrorCachingMinTTL": 0} for status in kept]


def test_page_is_read_only_and_compressed() -> None:
    page = distribution()["DefaultCacheBehavior"]
    assert page["TargetOriginId"] == "page"
    assert page["AllowedMethods"] == ["GET", "HEAD"]
    assert page["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert page["Compress"] is True
    assert page["ResponseHeadersPolicyId"] == {"Ref": "PageHeaders"}


def test_api_path_is_uncached_without_host() -> None:
    (api,) = distribution()["CacheBehaviors"]
    assert (api["PathPattern"], api["TargetOriginId"]) == ({"Fn::Sub": "${ApiPath}/*"}, "api")
    assert {"GET", "PUT", "DELETE", "OPTIONS"} <= set(api["AllowedMethods"])
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert api["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    # Compressing would weaken the ETag, and then no If-Match holds.
    assert api["Compress"] is False
    assert api["ResponseHeadersPolicyId"] == {"Ref": "ApiHeaders"}
    origin = distribution()["Origins"][1]
    assert origin["DomainName"] == {
        "Fn::Sub": "${RestApiId}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    }
    # The gateway's stage is the path's first part already.
    assert "OriginPath" not in origin


def test_the_defaults_are_for_aws() -> None:
    defaults = {name: each.get("Default") for name, each in TEMPLATE["Parameters"].items()}
    assert defaults["LocalPort"] == ""
    assert defaults["DevelopmentUrl"] == ""
    assert defaults["ManagedLogin"] == "true"
    assert [name for name, default in defaults.items() if default is None] == [
        "AppName",
        "UserPoolId",
        "LoginUrl",
        "RestApiId",
    ]


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("DomainName", "items.example.com", "https://items.example.com"),
        ("DomainName", "", "localhost"),
        ("CertificateArn", "arn:aws:acm:us-east-1:123456789012:certificate/a-1", "arn:aws:acm"),
        ("CertificateArn", "", "arn:aws:acm:eu-west-1:123456789012:certificate/a-1"),
        ("WebAclArn", "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1", "a"),
        ("WebAclArn", "", "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/1"),
        ("LoginUrl", "https://a-1.auth.eu-west-1.amazoncognito.com", "https://a.example/ *"),
        ("LoginUrl", "http://127.0.0.1:4566", "https://a.example; script-src *"),
        ("AccessLogBucket", "logs.s3.amazonaws.com", "logs"),
        ("AccessLogBucket", "logs.s3.eu-west-1.amazonaws.com", "s3://logs"),
        ("DevelopmentUrl", "http://localhost:5173/", "http://localhost:5173"),
        ("DevelopmentUrl", "", "http://example.com/"),
        ("UserPoolId", "eu-west-1_aB3", "pool"),
        ("LocalPort", "4566", "http"),
    ],
)
def test_a_mistaken_parameter_is_refused(name: str, right: str, wrong: str) -> None:
    pattern = TEMPLATE["Parameters"][name]["AllowedPattern"]
    assert re.fullmatch(pattern, right)
    assert not re.fullmatch(pattern, wrong)
