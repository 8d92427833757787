"""Parsed documents with all that their text alone determines, cached across requests."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import DocumentNode, parse

from graph.engine.selections import Selections
from graph.errors import Code, RequestError
from graph.execution.projection import has_constant_selections, required_projection
from graph.execution.validation import Validator
from graph.limits.price import DocumentPrices, SchemaPrices
from storage.artifacts.projection import Projection
from storage.artifacts.records import PartialArtifact

_MAX_CACHED_CHARACTERS = 100_000
"""Limit on the total length of cached documents.

A parsed document takes up to 300 bytes per character, so this is 30 MB at most. A limit on
their number would not bound the memory: 256 documents of maximum length could take 750 MB.
"""


@dataclass(frozen=True)
class Document:
    """A parsed document, with properties that are computed on first use and cached."""

    ast: DocumentNode
    _validator: Validator
    _prices: SchemaPrices

    @cached_property
    def price(self) -> DocumentPrices:
        """The pricing of the document's operations."""
        return self._prices.for_document(self.ast)

    @cached_property
    def errors(self) -> list[dict[str, Any]]:
        """The validation errors, formatted for the response."""
        return self._validator.validate(self.ast)

    @cached_property
    def projection(self) -> Projection[PartialArtifact]:
        """The optional artifact attributes that the document needs."""
        return required_projection(self.ast)

    @cached_property
    def selections(self) -> dict[int, Selections] | None:
        """A cache of its operations' selections; None where they depend on variables."""
        return {} if has_constant_selections(self.ast) else None


class DocumentCache:
    """Parses documents and keeps the most recently used ones."""

    def __init__(
        self,
        validator: Validator,
        prices: SchemaPrices,
        *,
        max_characters: int,
        max_tokens: int,
    ) -> None:
        self._validator = validator
        self._prices = prices
        self._max_characters = max_characters
        self._max_tokens = max_tokens
        self._free_characters = _MAX_CACHED_CHARACTERS
        self._documents: OrderedDict[str, Document] = OrderedDict()

    def get_or_parse(self, text: str) -> Document:
        """Return the document with this text.

        Raises:
            GraphQLError: The text is not a GraphQL document.
            RequestError: The text is longer than `max_characters`.
        """
        if text in self._documents:
            self._documents.move_to_end(text)
            return self._documents[text]
        if len(text) > self._max_characters:
            message = (
                f"The document has {len(text)} characters, and {self._max_characters} is the "
                "maximum: send values as variables."
            )
            raise RequestError(Code.QUERY_TOO_COMPLEX, message)
        document = self._documents[text] = self._parse(text)
        self._evict_for(text)
        return document

    def _parse(self, text: str) -> Document:
        limit = self._max_tokens
        ast = parse(text, max_lexical_tokens=limit, max_comments=limit)
        return Document(ast, self._validator, self._prices)

    def _evict_for(self, text: str) -> None:
        """Make room for a text that was just added: drop the least recently used documents."""
        self._free_characters -= len(text)
        while self._free_characters < 0:
            oldest, _ = self._documents.popitem(last=False)
            self._free_characters += len(oldest)
