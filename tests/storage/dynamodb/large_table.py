"""A fake table of any number of datasets, which exist only while they are read."""

import json
from typing import Any

from storage.artifacts.writes import OnConflict
from storage.dynamodb.schema.keys import CHANGE_PREFIX, LOG_PREFIX
from storage.dynamodb.schema.table import definition
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.client.fake_dynamo import TABLE, Request, Response
from tests.storage.samples import DATASET, new_artifact

_NAME = "qqqqqq"
_SEGMENT = "~segment~"
"""Each dataset has an entry of the log, in a segment of its own number."""
_DIGITS = 12
"""The last ones of an id, which are the number of the dataset."""
_PAGE = 500
"""Datasets of a page of a scan; each has about three items of a kind."""


class LargeTable:
    """Answers the calls of `check` and `export` with copies of the items of one dataset."""

    def __init__(self, store: DynamoStore, size: int) -> None:
        store.register([new_artifact(DATASET, _NAME)], OnConflict.REJECT)
        items = store.client.send_all([("Scan", {})])[0]["Items"]
        self._size = size
        description: dict[str, Any] = {**definition(TABLE)}
        indexes = description["GlobalSecondaryIndexes"]
        self._description = description | {
            "TableStatus": "ACTIVE",
            "TableId": "1",
            "GlobalSecondaryIndexes": [{**each, "IndexStatus": "ACTIVE"} for each in indexes],
        }
        self._single = {_key(each): each for each in items if _is_single(each)}
        copied = [each for each in items if not _is_single(each)]
        (self._id,) = (_key(each) for each in copied if "#" not in _key(each))
        side = [each for each in copied if not _is_artifact_or_log(each)]
        self._artifact = _to_text([each for each in copied if _key(each) == self._id])
        self._artifact_and_log = _to_text([each for each in copied if each not in side])
        self._side = _to_text(side)
        self._change = _to_text([each for each in side if _key(each).startswith(CHANGE_PREFIX)])

    def answer(self, request: Request) -> Response:
        """Answer a request."""
        if request.operation == "DescribeTable":
            return Response(json.dumps({"Table": self._description}).encode())
        if request.operation == "Scan":
            return self._scan(request.parameters)
        if request.operation == "BatchGetItem":
            keys = request.parameters["RequestItems"][TABLE]["Keys"]
            found = ",".join(filter(None, (self._get(_key(key)) for key in keys)))
            return Response(f'{{"Responses":{{"{TABLE}":[{found}]}}}}'.encode())
        raise AssertionError(request.operation)

    def _get(self, key: str) -> str:
        if key in self._single:
            return json.dumps(self._single[key])
        id_ = key.removeprefix(CHANGE_PREFIX)[: len(self._id)]
        if not id_.startswith(self._id[:-_DIGITS]) or key.startswith(LOG_PREFIX):
            return ""
        items = self._change if key.startswith(CHANGE_PREFIX) else self._artifact
        return self._copy(items, int(id_[-_DIGITS:], 16))

    def _scan(self, parameters: dict[str, Any]) -> Response:
        """Answer with a page: side items, artifacts with the log, or artifacts alone."""
        filter_ = parameters.get("FilterExpression", "")
        segment, step = parameters.get("Segment", 0), parameters.get("TotalSegments", 1)
        start = int(
            parameters.get("ExclusiveStartKey", {}).get("artifact_id", {}).get("S", segment)
        )
        if ":prefix" in filter_:
            return Response(b'{"Items":[],"Count":0,"ScannedCount":0}')
        if "AND" in filter_:
            items = self._side
        else:
            items = self._artifact_and_log if filter_ else self._artifact
        end = start + _PAGE * step
        numbers = range(start, min(end, self._size), step)
        page = ",".join(self._copy(items, number) for number in numbers)
        last = (
            f',"LastEvaluatedKey":{{"artifact_id":{{"S":"{end}"}}}}' if end < self._size else ""
        )
        return Response(f'{{"Items":[{page}],"ScannedCount":{len(numbers)}{last}}}'.encode())

    def _copy(self, items: str, number: int) -> str:
        id_ = f"{self._id[:-_DIGITS]}{number:0{_DIGITS}x}"
        copied = items.replace(self._id, id_).replace(_NAME, f"set {number}")
        return copied.replace(_SEGMENT, str(number + 1))


def _to_text(items: list[dict[str, Any]]) -> str:
    return ",".join(
        json.dumps({**item, "artifact_id": {"S": f"{_key(item)[:-1]}{_SEGMENT}"}})
        if _key(item).startswith(LOG_PREFIX)
        else json.dumps(item)
        for item in items
    )


def _key(item: dict[str, Any]) -> str:
    return str(item["artifact_id"]["S"])


def _is_single(item: dict[str, Any]) -> bool:
    key = _key(item)
    return key.startswith("meta#") or (key.startswith(LOG_PREFIX) and not item["entries"]["L"])


def _is_artifact_or_log(item: dict[str, Any]) -> bool:
    return "#" not in _key(item) or _key(item).startswith(LOG_PREFIX)
