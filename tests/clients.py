"""Pass fakes where the product expects a typed client of AWS."""

from copy import copy
from typing import Any

from botocore.exceptions import ClientError


def as_client(fake: object) -> Any:
    """Return the fake itself, as any client.

    mypy checks that the product calls operations of AWS. A fake has only those that its test needs.
    """
    return fake


def clients_of(fakes: dict[str, Any]) -> Any:
    """Return an `infra.aws.ClientOf` of fakes by service. It raises `KeyError` for others."""
    return lambda service, region=None, /: fakes[service]


def client_error(code: str, message: str = "no", operation: str = "x") -> ClientError:
    """Return an error response of AWS."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def with_own_events(client: Any) -> Any:
    """Return the same client of boto3, with event handlers of its own.

    Creating a client takes a hundred times longer.
    """
    # `copy` would ask the empty client for its attributes.
    twin = object.__new__(type(client))
    twin.__dict__.update(client.__dict__)
    twin.meta = copy(client.meta)
    twin.meta.events = copy(client.meta.events)
    return twin
