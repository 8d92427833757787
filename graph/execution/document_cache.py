"""Documents: parsed and validated once, and kept for the clients that send them again."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import DocumentNode, parse

from graph.engine.selections import Selections
from graph.errors import Code, RequestError
from graph.execution.projection import details_of, selects_always_the_same
from graph.execution.remembering import Remembering
from graph.execution.validation import Validation
from graph.limits.price import Prices, Pricing
from graph.schema.deprecations import Deprecations, Find
from storage.artifacts.projection import Projection
from storage.artifacts.records import PartialArtifact

_CHARACTERS_KEPT = 100_000
"""Of documents: some hundred of them, and 30 MB at most."""


@dataclass(frozen=True)
class Document:
    """What was parsed, and what is known of it."""

    ast: DocumentNode
    _validate: Validation
    _prices: Prices
    _deprecations: Deprecations

    @cached_property
    def price(self) -> Pricing:
        """Finds what an operation costs."""
        return self._prices.among(self.ast)

    @cached_property
    def errors(self) -> list[dict[str, Any]]:
        """What is wrong with it, as the response carries it; found when it is first asked."""
        return self._validate(self.ast)

    @cached_property
    def details(self) -> Projection[PartialArtifact]:
        """What it needs to know of artifacts."""
        return details_of(self.ast)

    @cached_property
    def selections(self) -> dict[int, Selections] | None:
        """Where to keep what is known of its operations' selections, if that may be kept."""
        return {} if selects_always_the_same(self.ast) else None

    @cached_property
    def deprecated(self) -> Find:
        """Finds what an operation uses that is deprecated."""
        return self._deprecations.among(self.ast)


class DocumentCache:
    """Reads documents up to a length."""

    def __init__(
        self,
        validate: Validation,
        prices: Prices,
        deprecations: Deprecations,
        *,
        max_characters: int,
        max_tokens: int,
    ) -> None:
        self._validate = validate
        self._prices = prices
        self._deprecations = deprecations
        self._max_characters = max_characters
        self._max_tokens = max_tokens
        self._document = Remembering(self._parsed, _CHARACTERS_KEPT)

    def read(self, text: str) -> Document:
        """The document that a text is.

        Raises:
            GraphQLError: where it is none.
            RequestError: where it is too long to be looked at.
        """
        if len(text) > self._max_characters:
            message = (
                f"The document has {len(text)} characters, and {self._max_characters} is the "
                "maximum: send values as variables."
            )
            raise RequestError(Code.QUERY_TOO_COMPLEX, message)
        return self._document(text)

    def _parsed(self, text: str) -> Document:
        most = self._max_tokens
        ast = parse(text, max_lexical_tokens=most, max_comments=most)
        return Document(ast, self._validate, self._prices, self._deprecations)
