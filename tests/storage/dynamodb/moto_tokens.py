"""Lets moto's DynamoDB keep the tokens of transactions, as the true one does."""

from collections.abc import Callable
from typing import Any

import pytest


def make_moto_keep_tokens(patch: pytest.MonkeyPatch) -> None:
    """Let a transaction that is sent again with its token succeed and do nothing.

    With the token of another transaction it is refused. Tokens are kept for ten minutes by the
    true one; here as long as the patch.
    """
    from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException
    from moto.dynamodb.responses import DynamoHandler

    original: Callable[..., Any] = DynamoHandler.transact_write_items
    done: dict[str, tuple[str, Any]] = {}

    def transact_write_items(handler: DynamoHandler) -> Any:
        token, actions = handler.body.get("ClientRequestToken"), handler.body["TransactItems"]
        asked = repr(actions)
        if token not in done:
            result = original(handler)
            if token is not None:
                done[token] = asked, result
            return result
        if done[token][0] != asked:
            code = f"{ERROR_TYPE_PREFIX}IdempotentParameterMismatchException"
            raise DynamodbException(code, "The token is another transaction's.")
        return done[token][1]

    patch.setattr(DynamoHandler, "transact_write_items", transact_write_items)
