"""The smallest site stack: a bucket, a distribution, and every output."""

STACK = "items-prod-site"
TEMPLATE = {
    "Resources": {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"VersioningConfiguration": {"Status": "Enabled"}},
        },
        "Distribution": {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {
                    "Enabled": True,
                    "Origins": [
                        {
                            "Id": "s3",
                            "DomainName": {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]},
                            "S3OriginConfig": {"OriginAccessIdentity": ""},
                        }
                    ],
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "s3",
                        "ViewerProtocolPolicy": "redirect-to-https",
                    },
                }
            },
        },
    },
    "Outputs": {
        "BucketName": {"Value": {"Ref": "Bucket"}},
        "DistributionId": {"Value": {"Ref": "Distribution"}},
        "SiteUrl": {"Value": "https://site.example.com"},
        "ClientId": {"Value": "client-1"},
        "UserPoolId": {"Value": "us-east-1_Pool"},
        "LoginUrl": {"Value": "https://login.example.com"},
        "RestApiId": {"Value": "api1"},
    },
}
