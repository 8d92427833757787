"""Patches moto's DynamoDB so that it honours the idempotency tokens of transactions."""

from collections.abc import Callable
from typing import Any

import pytest


def make_moto_keep_tokens(patch: pytest.MonkeyPatch) -> None:
    """Make a repeated transaction with the same token succeed without any effect.

    A different transaction with the same token is refused. AWS keeps tokens for ten minutes;
    here they are kept as long as the patch.
    """
    from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException
    from moto.dynamodb.responses import DynamoHandler

    original: Callable[..., Any] = DynamoHandler.transact_write_items
    results: dict[str, tuple[str, Any]] = {}
    """The actions and the result of each transaction, by its token."""

    def transact_write_items(handler: DynamoHandler) -> Any:
        token = handler.body.get("ClientRequestToken")
        actions = repr(handler.body["TransactItems"])
        if token not in results:
            result = original(handler)
            if token is not None:
                results[token] = actions, result
            return result
        if results[token][0] != actions:
            code = f"{ERROR_TYPE_PREFIX}IdempotentParameterMismatchException"
            raise DynamodbException(code, "The token is another transaction's.")
        return results[token][1]

    patch.setattr(DynamoHandler, "transact_write_items", transact_write_items)
