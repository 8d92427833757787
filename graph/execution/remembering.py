"""Keeps what came of the documents that clients send again and again."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Remembering(Generic[_T]):
    """A function of documents, which keeps its latest results.

    How many is up to the documents' length, as is what they take: 300 bytes a character,
    where every second one is a field. The 256 latest could be 750 MB.
    """

    def __init__(self, function: Callable[[str], _T], most_characters: int) -> None:
        self._function = function
        self._left = most_characters
        self._kept: OrderedDict[str, _T] = OrderedDict()

    def __call__(self, document: str) -> _T:
        """What the function makes of a document."""
        if document in self._kept:
            self._kept.move_to_end(document)
            return self._kept[document]
        result = self._kept[document] = self._function(document)
        self._left -= len(document)
        while self._left < 0:
            oldest, _ = self._kept.popitem(last=False)
            self._left += len(oldest)
        return result
