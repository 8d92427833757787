"""Folding ignores case, diacritics and compatibility forms, and keeps everything else."""

import unicodedata

import pytest

from storage.search.folding import fold, fold_search, to_match


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("BERT-base Uncased", "bert-base uncased"),
        ("Façade naïve ÉTÉ", "facade naive ete"),
        ("STRASSE straße STRAẞE", "strasse strasse strasse"),
        ("ﬁne \uff26\uff55\uff4c\uff4c ①²", "fine full 12"),
        ("İstanbul ISTANBUL \u0131stanbul", "istanbul istanbul \u0131stanbul"),
        ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ"),
        ("Łódź Ørsted", "łodz ørsted"),
        ("two\tblanks\n  and lines", "two\tblanks\n  and lines"),
        ("a\x00b", "a b"),
        ("é\x00b", "e b"),
        ("😀", "😀"),
        ("", ""),
    ],
)
def test_case_diacritics_and_forms_do_not_matter(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.slow
def test_every_character_is_folded_once_and_in_any_form() -> None:
    characters = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]
    folded = {c: fold(c) for c in characters}

    assert [c for c in characters if fold(folded[c]) != folded[c]] == []
    for form in ("NFC", "NFD"):
        changed = [c for c in characters if fold(unicodedata.normalize(form, c)) != folded[c]]
        assert changed == []
    assert [c for c in characters if fold(c.casefold()) != folded[c]] == []


def test_a_part_of_a_word_is_part_of_the_folded_word() -> None:
    assert fold("어") in fold("한국어")
    assert fold("caf") in fold("Un Café")


def test_the_words_of_a_search_are_folded_and_separated_by_one_space() -> None:
    assert fold_search("  Große\u00a0 \t MODELS\n") == "grosse models"
    assert fold_search(" \u0301 ") == ""


def test_a_word_is_matched_by_its_trigrams_quoted_and_each_once() -> None:
    assert to_match("bert") == '"ber" "ert"'
    assert to_match("aaaa") == '"aaa"'
    assert to_match('a"b') == '"a""b"'
    assert to_match("abcdefghijklmnopqrstuvwxyz").count(" ") == 19
