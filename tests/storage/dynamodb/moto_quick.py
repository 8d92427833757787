"""Patches moto's DynamoDB so that it answers faster; the answers stay the same."""

import json
from base64 import b64encode
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

_ITEM_OPERATIONS = {"BatchGetItem", "Query", "Scan"}
_SCALAR_TYPES = {"S", "N", "BOOL", "NULL"}


def make_moto_quick(patch: pytest.MonkeyPatch) -> None:
    """Apply all patches of this module."""
    _encode_items_at_once(patch)
    _read_requests_once(patch)
    _keep_parsed_conditions(patch)


def _encode_items_at_once(patch: pytest.MonkeyPatch) -> None:
    """Replace moto's generic encoding of answers and copying of attribute values.

    Items already are in DynamoDB's JSON, but moto's generic encoder looks up every member of
    every value's shape under each of its possible names: a third of the time of all tests.
    And `deepcopy` treats an attribute value as an object of an unknown class.
    """
    from moto.core.responses import ActionContext
    from moto.dynamodb.models.dynamo_type import DynamoType
    from moto.dynamodb.responses import DynamoResult

    original: Callable[..., Any] = DynamoResult.execute_result

    def execute_result(result: DynamoResult, context: ActionContext) -> Any:
        if context.operation_model.name not in _ITEM_OPERATIONS:
            return original(result, context)
        headers = {"Content-Type": "application/x-amz-json-1.0"}
        return 200, headers, json.dumps(result.result, default=_encode_bytes)

    def copy_value(value: DynamoType, memo: dict[int, Any]) -> DynamoType:
        copied = object.__new__(DynamoType)
        copied.type = value.type
        is_scalar = value.type in _SCALAR_TYPES
        copied.value = value.value if is_scalar else deepcopy(value.value, memo)
        return copied

    patch.setattr(DynamoResult, "execute_result", execute_result)
    patch.setattr(DynamoType, "__deepcopy__", copy_value, raising=False)


def _read_requests_once(patch: pytest.MonkeyPatch) -> None:
    """Leave out what moto does with a request for the sake of other services.

    It also parses each body as a form, and compares the address with those of all services.
    """
    from moto import backend_index
    from moto.dynamodb.responses import DynamoHandler

    patch.setattr(DynamoHandler, "use_raw_body", True)
    patterns = backend_index.backend_url_patterns
    first = sorted(patterns, key=lambda pattern: pattern[0] != "dynamodb")
    patch.setattr(backend_index, "backend_url_patterns", first)


def _keep_parsed_conditions(patch: pytest.MonkeyPatch) -> None:
    """Parse equal conditions and filters once; each check of a table repeats its filters."""
    from moto.dynamodb.comparisons import ConditionExpressionParser

    original: Callable[[ConditionExpressionParser], Any] = ConditionExpressionParser.parse
    parsed: dict[str, tuple[Any, list[str], list[str]]] = {}

    def parse(parser: ConditionExpressionParser) -> Any:
        names, values = parser.expression_attribute_names, parser.expression_attribute_values
        key = repr((parser.condition_expression, names, values))
        if key not in parsed:
            tree = original(parser)
            parsed[key] = tree, parser.expr_attr_names_found, parser.expr_attr_values_found
        tree, parser.expr_attr_names_found, parser.expr_attr_values_found = parsed[key]
        return tree

    patch.setattr(ConditionExpressionParser, "parse", parse)


def _encode_bytes(value: bytes) -> str:
    return b64encode(value).decode()
