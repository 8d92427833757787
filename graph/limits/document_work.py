"""The work of validating a document, estimated before it is validated."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    visit,
)

from graph.errors import Code, RequestError

MAX_WORK = 10_000
"""In comparisons of fields, each of which takes about 2 µs; what people write takes a few."""
MAX_LINES = 5_000
"""Each error looks for its place among the lines of the document."""
MAX_DIGITS = 1_000
"""Of a number. Python refuses to convert longer ones, with a message of its own."""
MAX_NAME = 256
"""The characters of an alias, which the response repeats for each object and each error."""
_CHARACTERS_OF_STEP = 20
"""The text of a fragment that takes as long as a comparison, for each operation with it."""

_NUMBER = re.compile(r"\d{1000,}")

Fragments = Mapping[str, FragmentDefinitionNode]


def check_document(text: str, document: DocumentNode) -> None:
    """Check that a document can be validated and executed with limited work.

    Validation compares all fields with the same key in the response, those of fragments too,
    and looks at fragments once for each operation that uses them.

    Raises:
        RequestError: It cannot.
    """
    if text.count("\n") + text.count("\r") > MAX_LINES:
        raise _too_complex(f"The document has more than {MAX_LINES:,} lines.")
    if len(max(_NUMBER.findall(text), key=len, default="")) > MAX_DIGITS:
        visit(document, _NumberCheck())
    counter = _WorkCounter(document)
    counter.count_operations()
    counter.count_selection_sets()


class _NumberCheck(Visitor):
    """Refuses numbers that are too long; such digits may be part of a text, too."""

    def enter_int_value(self, node: IntValueNode, *_: object) -> None:
        if len(node.value) > MAX_DIGITS:
            raise _too_complex(f"A number has more than {MAX_DIGITS:,} digits.")


def get_fragments(document: DocumentNode) -> Fragments:
    """Return the fragments of a document by name."""
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


def _too_complex(message: str) -> RequestError:
    return RequestError(Code.QUERY_TOO_COMPLEX, message)


class _WorkCounter:
    """Counts the work of one document up to the maximum."""

    def __init__(self, document: DocumentNode) -> None:
        self._document = document
        self._fragments = get_fragments(document)
        self._work = 0

    def count_operations(self) -> None:
        """Count the fragments that each operation uses, if there are several operations."""
        operations = [
            each
            for each in self._document.definitions
            if isinstance(each, OperationDefinitionNode)
        ]
        if len(operations) < 2:  # noqa: PLR2004 - several
            return
        used = {
            name: set(_iterate_spreads(fragment.selection_set))
            for name, fragment in self._fragments.items()
        }
        lengths = {name: _count_characters(each) for name, each in self._fragments.items()}
        for operation in operations:
            remaining = set(_iterate_spreads(operation.selection_set))
            visited = set[str]()
            while remaining:
                name = remaining.pop()
                if name in used and name not in visited:
                    visited.add(name)
                    remaining |= used[name]
                    self._add(1 + lengths[name] // _CHARACTERS_OF_STEP)

    def count_selection_sets(self) -> None:
        """Count the comparisons within each selection set of the document."""
        for selection_set in _iterate_selection_sets(self._document):
            pending = [[selection_set]]
            while pending:
                pending += self._compare(pending.pop())

    def _compare(self, merged: list[SelectionSetNode]) -> Iterator[list[SelectionSetNode]]:
        """Count the comparisons of selection sets that are merged; yield what merges below."""
        fields, spreads = self._collect(merged)
        self._add(spreads * (spreads + len(merged)) // 2)
        groups = defaultdict[str, list[FieldNode]](list)
        for node in fields:
            name = node.alias or node.name
            if len(name.value) > MAX_NAME:
                message = f"A field has a name or alias of more than {MAX_NAME} characters."
                raise _too_complex(message)
            groups[name.value].append(node)
        for group in groups.values():
            count = len(group)
            self._add(count * (count - 1) // 2)
            inner = [node.selection_set for node in group if node.selection_set]
            if len(inner) > 1:
                yield inner

    def _collect(self, merged: Iterable[SelectionSetNode]) -> tuple[list[FieldNode], int]:
        """Return the fields, with those of fragments, and the number of fragment spreads."""
        fields: list[FieldNode] = []
        visited, spreads = set[str](), 0
        remaining = list(merged)
        while remaining:
            selections = remaining.pop().selections
            self._add(len(selections))
            for node in selections:
                if isinstance(node, FieldNode):
                    fields.append(node)
                elif isinstance(node, InlineFragmentNode):
                    remaining.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode):
                    spreads += 1
                    fragment = self._fragments.get(node.name.value)
                    if fragment and node.name.value not in visited:
                        visited.add(node.name.value)
                        remaining.append(fragment.selection_set)
        return fields, spreads

    def _add(self, work: int) -> None:
        self._work += work
        if self._work > MAX_WORK:
            raise _too_complex(
                "The document takes too much work to check: repeat fewer fields and fragments."
            )


def _iterate_selection_sets(document: DocumentNode) -> Iterator[SelectionSetNode]:
    """Yield the selection sets of a document, except those of inline fragments."""
    remaining = [d.selection_set for d in document.definitions if hasattr(d, "selection_set")]
    while remaining:
        selection_set = remaining.pop()
        yield selection_set
        inlined = [selection_set]
        while inlined:
            for node in inlined.pop().selections:
                if isinstance(node, InlineFragmentNode):
                    inlined.append(node.selection_set)
                elif isinstance(node, FieldNode) and node.selection_set:
                    remaining.append(node.selection_set)


def _iterate_spreads(selection_set: SelectionSetNode) -> Iterator[str]:
    """Yield the names of the fragments that are spread at any depth."""
    remaining = [selection_set]
    while remaining:
        for node in remaining.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                yield node.name.value
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                remaining.append(node.selection_set)


def _count_characters(node: FragmentDefinitionNode) -> int:
    return node.loc.end - node.loc.start if node.loc else 0
