"""Comparing names, blank names, and the keys of names."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from unicodedata import normalize

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.names import normalise
from storage.artifacts.records import ArtifactType, LookupField, Target
from storage.artifacts.writes import InvalidInputError
from storage.dynamodb.schema.keys import reference_id, reference_key, uniqueness_key

# Plain text, and characters for which casefolding or composing changes the length.
texts = st.one_of(
    st.text(max_size=8),
    st.text(alphabet="aAbßẞΐİ\u0301\u0323\u0345\x00\ud7ff\ue000\U0010ffff ", max_size=8),
)
LONGEST = "ΐ" * 512
CHANGES = (
    str.casefold, str.upper, str.lower, str.title, partial(normalize, "NFC"),
    partial(normalize, "NFD"), partial(normalize, "NFKC"),
)  # fmt: skip


def match_caselessly(one: str, other: str) -> bool:
    """Return whether Unicode calls two texts canonical caseless matches (D145)."""

    def fold(text: str) -> str:
        return normalize("NFD", normalize("NFD", text).casefold())

    return fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("ﬁnance", "FINANCE"),
        ("ΔΈΛΤΑΣ", "δέλτας"),
        ("İstanbul", "i\u0307stanbul"),
        ("Café", "CAFE\u0301"),
        ("\u1fb3\u0323", "\u0391\u0323\u0399"),
        ("ⅣⅤ", "ⅳⅴ"),
        (" \uff21 ", "\uff41"),
    ],
)
def test_names_that_differ_in_case_or_composition_are_equal(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("İ", "i"), ("\u0131", "i"), ("\uff21", "A"), ("é", "e"), ("a b", "a  b")],
)
def test_names_that_differ_otherwise_are_not(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(texts, st.sampled_from(CHANGES))
def test_names_are_equal_exactly_if_they_match_caselessly(
    text: str, change: Callable[[str], str]
) -> None:
    one, other = f"x{text}x", f"x{change(text)}x"

    assert (normalise(one) == normalise(other)) == match_caselessly(one, other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n",
        "\u00a0\u3000",
        "\u200b\u200d\ufeff",
        "\u202a\u2066\u2069",
        "\u3164\u115f\u1160\uffa0",
        "\u034f\ufe0f\U000e0100",
        "\U000e0041\U000e007f",
        "\u2800",
        "\u17b4\u180e\u2065",
        "\u00ad\u2061",
    ],
)
def test_names_without_a_visible_character_are_invalid(text: str) -> None:
    with pytest.raises(InvalidInputError, match="must not be blank"):
        parse_new_artifact(ArtifactType.CODE, {"url": "https://x.org/a", "name": text})


@pytest.mark.parametrize("text", ["x", "\u200bx", "\u0301", "-", "🤗", "ㅤx", "\ue000"])
def test_names_with_a_visible_character_are_valid(text: str) -> None:
    new = parse_new_artifact(ArtifactType.CODE, {"url": "https://x.org/a", "name": text})

    assert new.name == text


@given(texts)
def test_normalised_names_have_no_outer_blanks(text: str) -> None:
    once = normalise(text)

    assert once == once.strip()
    assert normalise(text.strip()) == once


@given(texts, st.sampled_from(ArtifactType))
@example(LONGEST, ArtifactType.DATASET)
@example("\U0010ffff" * 512, ArtifactType.DATASET)
def test_keys_are_not_longer_than_dynamodb_allows(
    text: str, artifact_type: ArtifactType
) -> None:
    id_ = "i" * 128
    for repeated in (text, text * 100):
        name = Target(artifact_type, LookupField.NAME, normalise(repeated[:512]))
        url = Target(
            artifact_type,
            LookupField.URL,
            ("https://x.org/" + repeated).encode()[:2_000].decode(errors="ignore"),
        )
        for target in (name, url, Target(artifact_type, LookupField.ID, id_)):
            assert len(uniqueness_key(target).encode()) <= 2_048
            assert len(reference_key(target).encode()) <= 2_048
            assert len(reference_id(id_, target).encode()) <= 2_048


@given(texts, texts)
@example("ΐ" * 512, "ΐ" * 511)
@example("x" * 2_000, "x" * 2_001)
@example(LONGEST, sha256(LONGEST.encode()).hexdigest())
@example(LONGEST, "#" + sha256(LONGEST.encode()).hexdigest())
@example(LONGEST, "-sha256#" + sha256(LONGEST.encode()).hexdigest())
def test_different_targets_have_different_keys(one: str, other: str) -> None:
    assume(one != other)

    keys = {
        make(Target(artifact_type, by, value))
        for value in (one, other)
        for by in (LookupField.NAME, LookupField.URL)
        for artifact_type in ArtifactType
        for make in (uniqueness_key, reference_key)
    }

    assert len(keys) == 24
