"""Tables that each lack one thing that the promises rest on."""

from typing import Any

from chalicelib.errors import OutcomeUnknown, PreconditionFailed, Unavailable
from chalicelib.items import ItemInput
from chalicelib.preconditions import Preconditions
from chalicelib.record import Stored
from chalicelib.retry import Deadline
from chalicelib.table import ItemsTable


class WithoutConditions(ItemsTable):
    """Does not look at If-Match and If-None-Match."""

    def put(
        self, owner: str, item: ItemInput, preconditions: Preconditions, deadline: Deadline
    ) -> Stored:
        return super().put(owner, item, Preconditions(), deadline)


class DoubtIsRefusal(ItemsTable):
    """Takes a condition that fails after a lost answer for a refusal."""

    def put(
        self, owner: str, item: ItemInput, preconditions: Preconditions, deadline: Deadline
    ) -> Stored:
        try:
            return super().put(owner, item, preconditions, deadline)
        except OutcomeUnknown as error:
            raise PreconditionFailed from error


class DoubtIsFailure(ItemsTable):
    """Says that nothing was changed, when that is not known."""

    def put(
        self, owner: str, item: ItemInput, preconditions: Preconditions, deadline: Deadline
    ) -> Stored:
        try:
            return super().put(owner, item, preconditions, deadline)
        except OutcomeUnknown as error:
            raise Unavailable from error

    def delete(
        self, owner: str, item_id: str, preconditions: Preconditions, deadline: Deadline
    ) -> None:
        try:
            super().delete(owner, item_id, preconditions, deadline)
        except OutcomeUnknown as error:
            raise Unavailable from error


class AppliedAgain(ItemsTable):
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


class CreatesAgain(ItemsTable):
    """Sends again what may have been applied and can come true again."""

    def put(
        self, owner: str, item: ItemInput, preconditions: Preconditions, deadline: Deadline
    ) -> Stored:
        again = _Again(preconditions.if_match, preconditions.if_none_match)
        return super().put(owner, item, again, deadline)


class ReadsAgain(ItemsTable):
    """Answers a read with what it read before, if it did."""

    def __init__(self, *rest: Any, **settings: Any) -> None:
        super().__init__(*rest, **settings)
        self._read_before: dict[str, Stored] = {}

    def get(self, owner: str, item_id: str, deadline: Deadline) -> Stored:
        if item_id not in self._read_before:
            self._read_before[item_id] = super().get(owner, item_id, deadline)
        return self._read_before[item_id]


#: By the words of the promise that each breaks.
BROKEN: dict[str, type[ItemsTable]] = {
    "conditions are looked at": WithoutConditions,
    "refused is not applied": DoubtIsRefusal,
    "unavailable is not applied": DoubtIsFailure,
    "one more is the next version": AppliedAgain,
    "conditional is once": CreatesAgain,
    "a read is of now": ReadsAgain,
}
