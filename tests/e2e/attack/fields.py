"""Members: those that nobody has to give, and text that is code to something else."""

import json

from tests.e2e.attack.rows import put

#: Members that nobody has to give, by name; and words that only look like a field's.
FIELDS = [
    "owner",
    "sub",
    "version",
    "attempt",
    "created_at",
    "updated_at",
    "by_owner",
    "Id",
    "ID",
    "NAME",
    "__proto__",
    "constructor",
    "prototype",
    "__class__",
    "__init__",
    "__dict__",
    "$set",
    "$where",
    "#owner",
    ":owner",
    "#n",
    "_id",
    "TableName",
    "Key",
    "ConditionExpression",
    "id#",
    "id\u0000",
    "\N{LATIN SMALL LETTER DOTLESS I}d",
    "\N{FULLWIDTH LATIN SMALL LETTER I}\N{FULLWIDTH LATIN SMALL LETTER D}",
    "price ",
    " name",
    "",
    "name\u200b",
    "SET owner",
    "$.id",
    "items[0].id",
]
#: Names of unknown fields that imitate the validator's own words, whose path we read.
IMITATIONS = [
    "x - at `$.owner",
    "x - at `$.foo",
    "x - at `$.id",
    "` - at `$.nothing",
    "unknown field `owner`",
    "missing required field `owner",
    "\n - at `$.owner",
]

#: Text that some interpreter might take for its own; here it is a name like any other.
EXPRESSIONS = [
    "#n",
    ":v",
    "#owner = :owner",
    "SET owner = :victim",
    "x REMOVE #owner",
    "REMOVE owner",
    "ADD version :one",
    "attribute_not_exists(id)",
    "if_not_exists(a, :b)",
    "') OR ('1'='1",
    "'; DROP TABLE items; --",
    '{"S":"VICTIM"}',
    '{"$ne":null}',
    "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "%s%s%s%n",
    "%(name)s",
    "{0.__class__}",
    "$(id)",
    "`id`",
    "| id",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "a\u0000b",
    "\u001b[31mred",
    "line\r\nbreak",
    "\u202eright to left",
    "\ufffe",
    "<script>alert(1)</script>",
    "]]>",
    "__proto__",
]


def _name(text: str, **more: object) -> bytes:
    return json.dumps({"id": "x", "name": text, **more}).encode()


ROWS = [
    *(
        put(f"a field {name!r}", json.dumps({"id": "x", "name": "x", name: "VICTIM"}).encode())
        for name in FIELDS
    ),
    *(put(f"a field {name!r}", json.dumps({name: 1}).encode()) for name in IMITATIONS),
    put("a field of 60 KB", json.dumps({"x" * 60_000: 1}).encode()),
    *(
        put(
            f"a field {name!r} twice",
            (b'{"id":"x","name":"x","price":1,"description":"x","%s":%s}' % (name.encode(), value)),
        )
        for name, value in (
            ("id", b'"VICTIM"'),
            ("name", b'"y"'),
            ("price", b"2"),
            ("description", b'"y"'),
        )
    ),
    *(
        put(f"an id {text!r}", json.dumps({"id": text, "name": "x"}).encode(), long=True)
        for text in EXPRESSIONS
        if text != "__proto__"
    ),
    *(put(f"a name {text!r}", _name(text), (200, 201), stores=text) for text in EXPRESSIONS),
    *(
        put(
            f"a description {text!r}",
            _name("x", description=text),
            (200, 201),
            stores="x",
            long=True,
        )
        for text in EXPRESSIONS
    ),
]
