"""Explain the SDK's errors. Imports botocore, so import this module only after botocore."""

import os
from urllib.parse import urlsplit

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from tools.errors import CommandError, Misconfigured

#: For an endpoint on this machine, which is never AWS's.
CLOUD_IS_DOWN = "the local cloud is not running: run `make run`"

_SIGN_IN = (
    "run `aws configure` or `aws sso login`, "
    "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN)"
)
_SESSION_ENDED = (
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
    exceptions.LoginError,
    exceptions.CredentialRetrievalError,
)
_UNREACHABLE = (exceptions.ConnectionError, exceptions.HTTPClientError)

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
_UNKNOWN_KEY = {
    *("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"),
    *("SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", "InvalidToken"),
}
_WRONG_CLOCK = {"RequestExpired", "RequestTimeTooSkewed"}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden", "403"}


def explain(error: BotoCoreError | ClientError) -> CommandError:
    """Return the error whose message explains `error` and its remedy."""
    if isinstance(error, ClientError):
        return _of_response(error)
    if isinstance(error, exceptions.NoRegionError):
        return Misconfigured(
            "no AWS region: set AWS_DEFAULT_REGION, as in `export AWS_DEFAULT_REGION=us-east-1`, "
            "or run `aws configure`"
        )
    if isinstance(error, exceptions.NoCredentialsError):
        return Misconfigured(f"no AWS credentials: {_SIGN_IN}")
    if isinstance(error, exceptions.PartialCredentialsError):
        return Misconfigured(f"incomplete AWS credentials ({error}): {_SIGN_IN}")
    if isinstance(error, exceptions.ProfileNotFound):
        return Misconfigured(
            f"no AWS profile {error.kwargs['profile']}: "
            "set AWS_PROFILE to a name that `aws configure list-profiles` prints"
        )
    if isinstance(error, _SESSION_ENDED):
        return Misconfigured(f"the AWS sign-in has expired or failed ({error}): run `{_login()}`")
    if isinstance(error, (exceptions.ConfigParseError, exceptions.ConfigNotFound)):
        return Misconfigured(f"{error}: correct it, or run `aws configure`")
    if isinstance(error, exceptions.InvalidRegionError):
        region = error.kwargs["region_name"]
        return Misconfigured(f"{region!r} is not an AWS region: set AWS_DEFAULT_REGION")
    if isinstance(error, _UNREACHABLE):
        return _of_connection(error)
    return CommandError(str(error))


def _login() -> str:
    profile = os.environ.get("AWS_PROFILE")
    return f"aws sso login --profile {profile}" if profile else "aws sso login"


def _of_connection(error: BotoCoreError) -> CommandError:
    url = str(error.kwargs.get("endpoint_url", ""))
    if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1"):
        return Misconfigured(f"{url} does not respond: {CLOUD_IS_DOWN}")
    return CommandError(
        f"no connection to AWS ({error}): check the network, and the region in AWS_DEFAULT_REGION"
    )


def _of_response(error: ClientError) -> CommandError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = error.response.get("Error", {}).get("Message") or code
    if code in _EXPIRED:
        return Misconfigured(f"the AWS credentials have expired: {_SIGN_IN}")
    if code in _UNKNOWN_KEY:
        return Misconfigured(f"AWS rejects the credentials ({message}): {_SIGN_IN}")
    if code in _WRONG_CLOCK:
        return Misconfigured(f"AWS rejects this computer's time ({message}): set its clock")
    if code in _DENIED:
        # AWS's message names the caller, the action and the resource, unless the resource's
        # owner keeps them secret.
        return CommandError(
            f"AWS denies {error.operation_name} ({message}): use credentials with this permission, "
            "or ask an administrator of the account for it"
        )
    return CommandError(str(error))
