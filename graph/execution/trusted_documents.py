"""Trusted documents: those that clients execute by an id, from the manifest of their build.

Tools write manifests as they compile a client: graphql-codegen's client preset
(`persisted-documents.json`) and Relay an object with a document for each id, Apollo's
`generate-persisted-query-manifest` a list of operations.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLError

from graph.errors import Code, RequestError
from graph.execution.document_cache import Document
from graph.settings import Settings
from storage.errors import StoreSetupError

_APOLLO_FORMAT = "apollo-persisted-query-manifest"
_HASH_PREFIX = "sha256:"
_MAX_PROBLEMS = 10


class TrustedDocuments:
    """The trusted documents of a server, if it has any."""

    def __init__(self, documents: Mapping[str, str], *, only: bool) -> None:
        self._documents = documents
        self._only = only
        """Execute nothing else."""

    def get_text(self, query: str | None, document_id: str | None) -> str:
        """Return the document with an id or, where others are executed too, a request's own.

        Raises:
            RequestError: There is none. Its message is the one by which Apollo's clients
                know that they must send the document.
        """
        if document_id is not None:
            text = self._documents.get(document_id)
            text = text or self._documents.get(document_id.removeprefix(_HASH_PREFIX))
            if text is not None:
                return text
        if query is not None and not self._only:
            return query
        if self._documents:
            raise RequestError(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
        raise RequestError(Code.PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported")


def load_trusted_documents(
    settings: Settings, parse: Callable[[str], Document]
) -> TrustedDocuments:
    """Read the manifest that the settings name, and validate its documents.

    Raises:
        StoreSetupError: It cannot be read, or a document is not valid.
    """
    path = settings.trusted_documents
    documents = _read_manifest(path) if path else {}
    problems = [
        f"TRUSTED_DOCUMENTS: {path}: document {id_!r}: {problem}"
        for id_, text in documents.items()
        if (problem := _find_problem(text, parse))
    ]
    if problems:
        more = len(problems) - _MAX_PROBLEMS
        rest = [f"and {more} more"] if more > 0 else []
        raise StoreSetupError("\n".join([*problems[:_MAX_PROBLEMS], *rest]))
    return TrustedDocuments(documents, only=settings.trusted_documents_only)


def _read_manifest(path: Path) -> dict[str, str]:
    """Return the documents of a manifest by their ids.

    Raises:
        StoreSetupError: It cannot be read, or has none.
    """
    try:
        documents = dict(_iterate_entries(orjson.loads(path.read_bytes())))
    except (OSError, ValueError) as error:
        raise StoreSetupError(f"TRUSTED_DOCUMENTS: {path}: {error}") from None
    if not documents:
        raise StoreSetupError(f"TRUSTED_DOCUMENTS: {path}: there are no documents in it")
    return documents


def _iterate_entries(manifest: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Yield the ids and texts of a manifest.

    Raises:
        ValueError: It has another form.
    """
    if not isinstance(manifest, dict):
        raise ValueError("must be a JSON object with a document for each id")  # noqa: TRY004 - of JSON
    entries = list(manifest.items())
    if manifest.get("format") == _APOLLO_FORMAT:
        operations = manifest.get("operations")
        if not isinstance(operations, list):
            raise ValueError("`operations` must be a list")
        entries = [_read_operation(operation) for operation in operations]
    for id_, text in entries:
        if not isinstance(id_, str) or not id_ or not isinstance(text, str):
            raise ValueError(f"document {id_!r} must have an id and a text")
        yield id_, text


def _read_operation(operation: Any) -> tuple[Any, Any]:  # noqa: ANN401 - any JSON
    if not isinstance(operation, dict):
        raise ValueError("each of `operations` must be an object")  # noqa: TRY004 - of JSON
    return operation.get("id"), operation.get("body")


def _find_problem(text: str, parse: Callable[[str], Document]) -> str | None:
    """Return why a document cannot be executed, or None if it can."""
    try:
        errors = parse(text).errors
    except GraphQLError as error:
        return error.message
    except RequestError as error:
        return error.message
    return str(errors[0]["message"]) if errors else None
