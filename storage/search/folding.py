"""Folds texts for the search: case, diacritics and compatibility forms do not matter."""

import unicodedata
from itertools import islice

_MAX_TRIGRAMS = 20


def fold(text: str) -> str:
    """Return a text as it is searched: casefolded, decomposed (NFKD) and without marks.

    White space stays as it is. Folding a folded text changes nothing, and texts with the same
    NFC have the same fold.
    """
    if text.isascii():
        return text.lower().replace("\x00", " ")
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", decomposed)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    # SQLite's functions for text, and its tokenizers, take a zero for the end.
    return letters.casefold().replace("\x00", " ")


def fold_search(text: str) -> str:
    """Return the folded words of a search with one space between them."""
    return " ".join(fold(text).split())


def to_match(word: str) -> str:
    """Return the FTS5 expression for the rows of `search_words` that may contain a folded word.

    They have its trigrams, but not always in this order: their text must be looked at. The
    word must have three characters or more. So many trigrams tell rows apart well enough.
    """
    trigrams = dict.fromkeys(word[n : n + 3] for n in range(len(word) - 2))
    quoted = ('"{}"'.format(trigram.replace('"', '""')) for trigram in trigrams)
    return " ".join(islice(quoted, _MAX_TRIGRAMS))
