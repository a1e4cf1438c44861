"""FastAPI, which validates with pydantic, behind Mangum. Without logs and metrics."""

# FastAPI is in an environment of its own, so its classes and decorators are unknown here.
# mypy: disable-error-code="import-not-found,misc,untyped-decorator"

from typing import Annotated, Any

import boto3
from fastapi import (
    Depends,
    FastAPI,
    HTTPException,
    Query,
    Request,
    Response,
)
from items import Items  # put beside this file when it is built
from mangum import Mangum
from pydantic import BaseModel, Field

api = FastAPI()
items = Items(boto3.client("dynamodb"))


class Item(BaseModel):
    id: str = Field(min_length=1, max_length=128)
    name: str = Field(min_length=1, max_length=200)
    price: int | float | None = Field(default=None, ge=0)
    description: str | None = Field(default=None, max_length=4000)


# All routes are `async`, although the SDK is not. An execution environment has one request at a
# time, and FastAPI would run other routes in a thread, which costs more.
async def owner_of(request: Request) -> Any:
    return request.scope["aws.event"]["requestContext"]["authorizer"]["claims"]["sub"]


Owner = Annotated[str, Depends(owner_of)]


@api.get("/items")
async def list_items(
    owner: Owner, limit: Annotated[int, Query(ge=1, le=100)] = 25, cursor: str | None = None
) -> Any:
    return items.list(owner, limit, cursor)


@api.put("/items")
async def put_item(owner: Owner, item: Item, response: Response) -> Any:
    stored = items.put(owner, item.model_dump())
    response.status_code = 201 if stored["version"] == 1 else 200
    return stored


@api.get("/items/{id}")
async def get_item(owner: Owner, id: str) -> Any:
    item = items.get(owner, id)
    if item is None:
        raise HTTPException(404)
    return item


@api.delete("/items/{id}", status_code=204)
async def delete_item(owner: Owner, id: str) -> None:
    items.delete(owner, id)


app = Mangum(api, lifespan="off")
