"""Reads the front matter of a model card: YAML between two lines of `---`.

All scalars are texts, as they are written: YAML's own rules would make `no`, the code of
Norwegian, a boolean, and 1.10 a number.
"""

from collections.abc import Hashable
from typing import Any, BinaryIO

import yaml

MAX_BYTES = 1_000_000
"""The most bytes of the front matter; real ones with many results have up to 500,000."""
_FENCE = "---"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})


class CardError(Exception):
    """A card that cannot be read; the message says why."""


def read_front_matter(file: BinaryIO) -> dict[str, Any]:
    """Return the fields of the front matter of a card; the text after it is not read.

    Raises:
        CardError: There is none, or it is not a mapping in YAML.
    """
    text = _read_text(file)
    try:
        fields = yaml.load(text, _Loader)  # noqa: S506 - it makes texts, lists and mappings alone
    except yaml.MarkedYAMLError as error:
        line = f" at line {error.problem_mark.line + 2}" if error.problem_mark else ""
        raise CardError(f"not YAML{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise CardError(f"not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise CardError("nested too deeply") from None
    if not isinstance(fields, dict):
        raise CardError("the front matter has no fields of the form `key: value`")
    return fields


def _read_text(file: BinaryIO) -> str:
    first = file.readline(MAX_BYTES).removeprefix(b"\xef\xbb\xbf")
    while first and not first.strip():
        first = file.readline(MAX_BYTES)
    if first.strip() != _FENCE.encode():
        raise CardError(f"has no front matter: it does not begin with {_FENCE}")
    lines: list[bytes] = []
    size = 0
    while line := file.readline(MAX_BYTES):
        if line.rstrip() == _FENCE.encode():
            return _decode(b"".join(lines))
        lines.append(line)
        size += len(line)
        if size > MAX_BYTES:
            raise CardError(f"the front matter is longer than {MAX_BYTES:,} bytes")
    raise CardError(f"the front matter does not end with {_FENCE}")


def _decode(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise CardError("the front matter is not UTF-8") from None


class _Loader(yaml.BaseLoader):
    """Loads texts, lists and mappings, and null for what is left empty."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        # A few lines of aliases of aliases can stand for more values than fit into memory.
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call] # its stubs say so
            raise yaml.MarkedYAMLError(problem="aliases are not read", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401 - as PyYAML has it
        if isinstance(node, yaml.ScalarNode) and node.style is None and node.value in _NULL:
            return None
        return super().construct_object(node, deep=deep)

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[Hashable, Any]:
        fields: dict[Hashable, Any] = {}
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 - what PyYAML calls it for
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=deep)
            if not isinstance(key, str):
                raise _problem("a key is not a text", key_node)
            if key in fields:
                raise _problem(f"the key {key} occurs twice", key_node)
            fields[key] = self.construct_object(value_node, deep=deep)
        return fields


def _problem(message: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=message, problem_mark=node.start_mark)
