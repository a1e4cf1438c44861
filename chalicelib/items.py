"""Items: the kind of resource that this application keeps for its users.

Everything else follows from the struct below. docs/make-it-yours.md shows how to add a field, and
a second kind.
"""

from decimal import Decimal
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from chalicelib.fields import MAX_DIGITS, MAX_EXPONENT, MIN_EXPONENT
from chalicelib.kind import Kind, Resource

# The pattern means the same in Python and in the JSON Schema that is generated from it: in Python
# alone, `\s` has more characters.
_NOT_BLANK = r"[^\s\x1c-\x1f\x85\ufeff]"

Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=_NOT_BLANK,
        description="1 to 200 characters, not all of them blank",
        examples=["myitem"],
    ),
]
Price = Annotated[
    Decimal,
    Meta(
        description=f"a JSON number, 0 or more, of at most {MAX_DIGITS} significant digits, "
        f"below 1e{MAX_EXPONENT + 1} and, unless 0, at least 1e{MIN_EXPONENT}",
        examples=[12345],
        extra_json_schema={"minimum": 0},
    ),
]
Description = Annotated[str, Meta(max_length=4000, description="at most 4,000 characters")]


class ItemInput(Resource, frozen=True):
    """The body of a PUT. An optional field that is left out is removed from the item."""

    name: Name
    price: Price | UnsetType = UNSET
    description: Description | UnsetType = UNSET


ITEMS = Kind("items", "item", ItemInput, details=["description"])
