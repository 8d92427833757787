"""Deriving names from urls, comparing names, and the keys of names."""

from hashlib import sha256

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from storage.artifacts.names import name_from_url, normalise
from storage.artifacts.records import ArtifactType, LookupField, Target
from storage.dynamodb.schema.keys import reference_id, reference_key, uniqueness_key

# Plain text, and characters for which casefolding or composing changes the length.
texts = st.one_of(
    st.text(max_size=8),
    st.text(alphabet="aAbßẞΐİ\u0301\u0345\x00\ud7ff\ue000\U0010ffff ", max_size=8),
)
LONGEST = "ΐ" * 512


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://huggingface.co/google-bert/bert-base", "google-bert/bert-base"),
        ("https://huggingface.co/bert-base", "bert-base"),
        ("https://huggingface.co/datasets/rajpurkar/squad", "rajpurkar/squad"),
        ("https://huggingface.co/datasets/squad", "squad"),
        ("https://www.huggingface.co/models/a/b/", "a/b"),
        ("https://huggingface.co/a/b/tree/main", "a/b"),
        ("https://huggingface.co/a/b/blob/main/config.json", "a/b"),
        ("https://huggingface.co/a/b/tree/master/x/y", "a/b"),
        ("https://huggingface.co/a/b?x=1#readme", "a/b"),
        ("https://github.com/owner/repo", "owner/repo"),
        ("https://github.com/owner/repo.git", "owner/repo"),
        ("https://GitHub.com/owner/repo/", "owner/repo"),
        ("https://github.com/owner/repo/tree/main/src", "owner/repo"),
        ("https://github.com/owner", "owner"),
        ("https://example.org/a/b/c", "c"),
        ("https://example.org/a/b/c.git", "c"),
        ("https://example.org/a/b/c/?download=1#top", "c"),
        ("https://example.org/a/%20/", "a"),
        ("https://example.org/na%C3%AFve%20set", "naïve set"),
        ("s3://bucket/path/to/model", "model"),
        ("https://example.org/c/tree/main", "c"),
        ("https://example.org", ""),
        ("https://example.org/", ""),
        ("https://example.org/?q=1", ""),
        ("https://example.org/---/..", ""),
        ("https://huggingface.co/datasets/", ""),
        ("https://github.com", ""),
    ],
)
def test_name_from_url(url: str, name: str) -> None:
    assert name_from_url(url) == name


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
