"""Reads DynamoDB's answers with orjson, as they are.

botocore's own parser walks every attribute of every item in Python and gives the same result:
of the CPU time of a page of 100 models with 200 links, more than half was spent there.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from botocore.parsers import (
    JSONParser,
    ResponseParser,
    ResponseParserError,
    ResponseParserFactory,
)

_BINARY = b'"B":', b'"BS":'


class _OrjsonParser(JSONParser):
    def _do_parse(self, response: Mapping[str, Any], shape: object) -> dict[str, Any]:
        body: bytes = response["body"]
        if any(mark in body for mark in _BINARY):
            # The registry writes no binary; another program's is kept, and needs decoding.
            return super()._do_parse(response, shape)  # type: ignore[misc,no-any-return] # not in the stubs
        try:
            parsed: dict[str, Any] = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError as error:
            raise ResponseParserError("the answer is not JSON") from error
        self._inject_response_metadata(parsed, response["headers"])  # type: ignore[attr-defined]
        return parsed


class OrjsonParserFactory(ResponseParserFactory):
    """What a botocore session makes its parsers with."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        """A parser of answers; the session must be used for DynamoDB alone."""
        parser = super().create_parser(protocol_name)
        return _OrjsonParser() if isinstance(parser, JSONParser) else parser
