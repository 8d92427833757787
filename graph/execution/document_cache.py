"""Parsed and validated documents, cached across requests."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, parse

from graph.errors import Code, RequestError
from graph.execution.cpu_thread import CpuThread
from graph.execution.plan_cache import PlanCache
from graph.execution.prepared_variables import PreparedVariables
from graph.execution.projection import required_projection
from graph.execution.validation import Validator
from graph.limits.document_price import price_document
from graph.limits.price import OperationPrice, SchemaPrices
from storage.artifacts.projection import Projection
from storage.artifacts.records import PartialArtifact

_MAX_CACHED_CHARACTERS = 100_000
"""Limit on the total length of cached documents.

A document with its plans and prices takes up to 1 KB per character, so this is 100 MB at most,
and a tenth of that for what people write. A limit on their number would not bound the memory.
"""
_MAX_SHORT = 1_000
"""Characters of a document that is validated at once: it takes at most 20 ms."""
_MAX_PRICES = 8
"""Operations of one document whose prices are kept."""


@dataclass(frozen=True)
class Document:
    """A parsed document, with properties that are computed on first use and cached."""

    ast: DocumentNode
    errors: list[dict[str, Any]]
    """The validation errors, formatted for the response. All else is only for valid ones."""
    is_long: bool
    """True if it takes long to work something out for all of it."""
    _schema: GraphQLSchema
    _prices: SchemaPrices

    def get_price(self, operation: OperationDefinitionNode) -> OperationPrice:
        """Return the price of an operation of the document, for any variables."""
        key = operation.name.value if operation.name else ""
        price = self._operation_prices.get(key)
        if price is None:
            price = self._prices.for_operation(self.ast, operation)
            while len(self._operation_prices) >= _MAX_PRICES:
                self._operation_prices.pop(next(iter(self._operation_prices)), None)
            self._operation_prices[key] = price
        return price

    @cached_property
    def _operation_prices(self) -> dict[str, OperationPrice]:
        return {}

    @cached_property
    def prepared(self) -> PreparedVariables:
        """The results for the variables of recent requests."""
        return PreparedVariables()

    @cached_property
    def projection(self) -> Projection[PartialArtifact]:
        """The optional artifact attributes that the document needs."""
        return required_projection(self.ast)

    @cached_property
    def plans(self) -> PlanCache:
        """The plans of the document's operations."""
        return PlanCache(self._schema, self.ast)


class DocumentCache:
    """Parses and validates documents, and keeps the most recently used ones."""

    def __init__(
        self,
        schema: GraphQLSchema,
        validator: Validator,
        cpu_thread: CpuThread,
        *,
        max_characters: int,
        max_tokens: int,
    ) -> None:
        self._schema = schema
        self._validator = validator
        self._prices = SchemaPrices(schema)
        self._cpu_thread = cpu_thread
        self._max_characters = max_characters
        self._max_tokens = max_tokens
        self._free_characters = _MAX_CACHED_CHARACTERS
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._started: dict[str, asyncio.Future[Document]] = {}
        """Long documents that are being validated, once for all requests with them."""

    def price(self, text: str) -> int:
        """Return the price of reading a document: 0 if it is kept, or too long to be read."""
        if text in self._documents or len(text) > self._max_characters:
            return 0
        return price_document(text, self._max_tokens)

    async def get_or_parse(self, text: str) -> Document:
        """Return the document with this text.

        Raises:
            GraphQLError: The text is not a GraphQL document.
            RequestError: The text is longer than `max_characters`.
        """
        if text in self._documents:
            self._documents.move_to_end(text)
            return self._documents[text]
        if _MAX_SHORT < len(text) <= self._max_characters:
            document = await self._parse_in_thread(text)
        else:
            document = self.parse(text)
        self._keep(text, document)
        return document

    async def _parse_in_thread(self, text: str) -> Document:
        started = self._started.get(text)
        if started is None:
            started = self._cpu_thread.start(self.parse, text)
            self._started[text] = started
            started.add_done_callback(lambda _: self._started.pop(text))
        # Others may wait for the same document, so a request that ends does not cancel it.
        return await asyncio.shield(started)

    def parse(self, text: str) -> Document:
        """Return a document that is not kept; raises what `get_or_parse` raises."""
        if len(text) > self._max_characters:
            message = (
                f"The document has {len(text)} characters, and {self._max_characters} is the "
                "maximum: send values as variables."
            )
            raise RequestError(Code.QUERY_TOO_COMPLEX, message)
        limit = self._max_tokens
        ast = parse(text, max_lexical_tokens=limit, max_comments=limit)
        errors = self._validator.validate(text, ast)
        is_long = len(text) > _MAX_SHORT
        return Document(ast, errors, is_long, self._schema, self._prices)

    def _keep(self, text: str, document: Document) -> None:
        """Keep a document, and drop the least recently used ones for it."""
        if text in self._documents:
            return
        self._documents[text] = document
        self._free_characters -= len(text)
        while self._free_characters < 0:
            oldest, _ = self._documents.popitem(last=False)
            self._free_characters += len(oldest)
