"""What the SDK has to read to make the application's client, and no more.

botocore knows all services, operations, regions and their documentation: megabytes of JSON, and the
application has to do with four operations of one service. `chalicelib/client.py` reads this instead
where the package has it.

The rules by which newer SDKs look for the endpoint with each request are left out. Without them,
the SDK takes the region's from its list of endpoints, once: the same. Their language grows, and
Lambda's SDK may be older than the one that is installed here.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

_SERVICE, _API_VERSION = "dynamodb", "2012-08-10"
#: The operations that `chalicelib/table.py` uses; the client of the package has no others.
OPERATIONS = ("DeleteItem", "GetItem", "Query", "UpdateItem")
# What it writes and reads: the SDK's parser asks of each structure in an answer whether it has each
# member that it might have, and a list has a structure for every attribute of every item.
_MEMBERS = {
    "AttributeValue": {"N", "S"},
    "ConsumedCapacity": {"CapacityUnits"},
    "DeleteItemOutput": {"ConsumedCapacity"},
    "GetItemOutput": {"ConsumedCapacity", "Item"},
    "QueryOutput": {"ConsumedCapacity", "Items", "LastEvaluatedKey"},
    "UpdateItemOutput": {"Attributes", "ConsumedCapacity"},
}
_AS_IT_IS = ("sdk-default-configuration", "_retry")


def write(directory: Path) -> None:
    """Write this part of the installed botocore's data, laid out as its loader wants it.

    The same botocore gives the same bytes.
    """
    loader = Loader()
    service = directory / _SERVICE / _API_VERSION
    service.mkdir(parents=True)
    for name in _AS_IT_IS:
        _write(directory / name, loader.load_data(name))
    _write(directory / "endpoints", _endpoints(loader.load_data("endpoints")))
    model = loader.load_service_model(_SERVICE, "service-2", _API_VERSION)
    _write(service / "service-2", _model(model))


def _write(path: Path, content: Any) -> None:
    path.with_suffix(".json").write_text(json.dumps(content, separators=(",", ":")))


def _endpoints(endpoints: Any) -> Any:
    """Those of the one service, in all regions."""
    partitions = [
        {**partition, "services": {_SERVICE: partition["services"][_SERVICE]}}
        for partition in endpoints["partitions"]
        if _SERVICE in partition["services"]
    ]
    return {**endpoints, "partitions": partitions}


def _model(model: Any) -> Any:
    """With the operations in use, the shapes and members that they need, and no documentation."""
    operations = {name: model["operations"][name] for name in OPERATIONS}
    needed: dict[str, Any] = {}
    waiting = list(_shapes(operations))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = _shape(name, model["shapes"][name])
            waiting += _shapes(needed[name])
    shapes = {name: needed[name] for name in sorted(needed)}
    return _undocumented({**model, "operations": operations, "shapes": shapes})


def _shape(name: str, shape: Any) -> Any:
    if name not in _MEMBERS:
        return shape
    members = {key: each for key, each in shape["members"].items() if key in _MEMBERS[name]}
    return {**shape, "members": members}


def _shapes(part: Any) -> Iterator[str]:
    """The names of the shapes that a part of a model refers to."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _shapes(value)
    elif isinstance(part, list):
        for value in part:
            yield from _shapes(value)


def _undocumented(part: Any) -> Any:
    if isinstance(part, dict):
        kept = {key: each for key, each in part.items() if key != "documentation"}
        return {key: _undocumented(each) for key, each in kept.items()}
    return [_undocumented(each) for each in part] if isinstance(part, list) else part
