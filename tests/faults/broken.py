"""Tables that each lack one thing that the promises rest on."""

from typing import Any

from chalicelib.errors import OutcomeUnknown, PreconditionFailed, Unavailable
from chalicelib.kind import Kind, ResourceT
from chalicelib.preconditions import Preconditions
from chalicelib.record import Stored
from chalicelib.retry import Deadline
from chalicelib.table import RecordTable


class WithoutConditions(RecordTable):
    """Ignores If-Match and If-None-Match."""

    def put(
        self,
        kind: Kind[ResourceT],
        owner: str,
        resource: ResourceT,
        preconditions: Preconditions,
        deadline: Deadline,
    ) -> Stored:
        return super().put(kind, owner, resource, Preconditions(), deadline)


class DoubtIsRefusal(RecordTable):
    """Treats a failed condition after a lost response as a rejection."""

    def put(
        self,
        kind: Kind[ResourceT],
        owner: str,
        resource: ResourceT,
        preconditions: Preconditions,
        deadline: Deadline,
    ) -> Stored:
        try:
            return super().put(kind, owner, resource, preconditions, deadline)
        except OutcomeUnknown as error:
            raise PreconditionFailed from error


class DoubtIsFailure(RecordTable):
    """Reports that the write was not applied, although this is unknown."""

    def put(
        self,
        kind: Kind[ResourceT],
        owner: str,
        resource: ResourceT,
        preconditions: Preconditions,
        deadline: Deadline,
    ) -> Stored:
        try:
            return super().put(kind, owner, resource, preconditions, deadline)
        except OutcomeUnknown as error:
            raise Unavailable from error

    def delete(
        self,
        kind: Kind[Any],
        owner: str,
        resource_id: str,
        preconditions: Preconditions,
        deadline: Deadline,
    ) -> None:
        try:
            super().delete(kind, owner, resource_id, preconditions, deadline)
        except OutcomeUnknown as error:
            raise Unavailable from error


class AppliedAgain(RecordTable):
    """Writes although the stored record has its own request token already."""

    def __init__(self, client: Any, *rest: Any, **settings: Any) -> None:
        super().__init__(client, *rest, **settings)
        self._update_item = client.update_item
        client.update_item = self._apply_again

    def _apply_again(self, **params: Any) -> dict[str, Any]:
        absent, condition = "(attribute_not_exists(id) OR ", params["ConditionExpression"]
        assert condition.startswith(absent)
        always = f"(attribute_exists(id) OR {absent.lstrip('(')}"
        params["ConditionExpression"] = condition.replace(absent, always, 1)
        response: dict[str, Any] = self._update_item(**params)
        return response


class _Again(Preconditions, frozen=True):
    @property
    def repeatable(self) -> bool:
        return True


class CreatesAgain(RecordTable):
    """Repeats a write whose outcome is unknown and whose precondition can hold again."""

    def put(
        self,
        kind: Kind[ResourceT],
        owner: str,
        resource: ResourceT,
        preconditions: Preconditions,
        deadline: Deadline,
    ) -> Stored:
        again = _Again(preconditions.if_match, preconditions.if_none_match)
        return super().put(kind, owner, resource, again, deadline)


class ReadsAgain(RecordTable):
    """Returns an earlier read, if there is one."""

    def __init__(self, *rest: Any, **settings: Any) -> None:
        super().__init__(*rest, **settings)
        self._read_before: dict[str, Stored] = {}

    def get(self, kind: Kind[Any], owner: str, resource_id: str, deadline: Deadline) -> Stored:
        if resource_id not in self._read_before:
            self._read_before[resource_id] = super().get(kind, owner, resource_id, deadline)
        return self._read_before[resource_id]


#: By the words of the promise that each breaks.
BROKEN: dict[str, type[RecordTable]] = {
    "conditions are looked at": WithoutConditions,
    "refused is not applied": DoubtIsRefusal,
    "unavailable is not applied": DoubtIsFailure,
    "one more is the next version": AppliedAgain,
    "conditional is once": CreatesAgain,
    "a read is of now": ReadsAgain,
}
