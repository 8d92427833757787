"""Names can be any Unicode text, and are equal if their normalised forms are."""

import unicodedata

import pytest

from storage.artifacts.names import normalise
from storage.store import Store
from tests.storage.samples import (
    DATASET,
    MODEL,
    NAMES,
    bert,
    by_name,
    by_url,
    listing,
    names,
    new_artifact,
    squad,
)
from tests.storage.store_calls import (
    delete,
    find_by_name,
    links,
    read_all,
    read_reverse_links,
    register,
    register_one,
    update,
)

NFD = unicodedata.normalize("NFD", "Café Ångström")
SAME = {
    "nfd": ("Café Ångström", NFD),
    "sharp_s": ("Straße", "STRASSE"),
    "sigma": ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
    "dotted_i": ("İstanbul", "i̇stanbul"),
    "kelvin": ("K", "k"),
    "outer_blanks": ("a b", "\u3000\t a b\u00a0\n"),
    "ligature": ("eﬀect", "EFFECT"),
    "iota_and_mark": ("\u1fb3\u0323", "\u0391\u0323\u0399"),
}
DIFFERENT = {
    "inner_blanks": ("a b", "a  b"),
    "full_width": ("A", "\uff21"),
    "emoji_style": ("❤", "❤️"),
    "dotless_i": ("\u0131", "i"),
    "last_segment": ("org/squad", "squad"),
    "prefix": ("squad", "squad v2"),
}
ANY = {
    "nul": "a\x00b",
    "only_nul": "\x00",
    "controls": "\x01\x7f\x85name\u200b\u200d",
    "emoji": "👩🏽‍💻🏳️‍🌈",
    "last": "\U0010ffff" * 512,
    "triples": "ΐ" * 512,
    "before_surrogates": "\ud7ff",
    "after_surrogates": "\ue000",
    "non_character": "\uffff\ufffe",
    "right_to_left": "\u202e\u05e9\u05dc\u05d5\u05dd",
    "combining_alone": "\u0301",
    "quotes": "'\"`;--\\/{}[]$%_*?",
    "hash": "name#model#squad",
    "dots": "../..",
    "long": "x" * 512,
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_equal_names_resolve_to_each_other(store: Store, one: str, other: str) -> None:
    target = register_one(store, new_artifact(DATASET, one))
    model = register_one(store, bert(by_name(DATASET, other)))
    second = register_one(store, new_artifact(DATASET, other, url="https://example.org/second"))

    assert links(store, model) == [target.id]
    assert read_reverse_links(store, target) == [model.id]
    assert read_reverse_links(store, second) == []
    assert second.name == other
    assert store.count(listing(DATASET, names=(normalise(other),))) == 2


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_different_names_do_not_resolve_to_each_other(
    store: Store, one: str, other: str
) -> None:
    target = register_one(store, new_artifact(DATASET, one))
    model = register_one(store, bert(by_name(DATASET, other)))

    assert links(store, model) == [None]
    assert read_reverse_links(store, target) == []


@pytest.mark.parametrize("name", ANY.values(), ids=ANY)
def test_any_name_can_be_registered_found_listed_changed_and_freed(
    store: Store, name: str
) -> None:
    target = register_one(store, new_artifact(DATASET, name, url="https://example.org/any"))
    model = register_one(store, new_artifact(MODEL, name, by_name(DATASET, name)))

    assert store.get([target.id]) == {target.id: target}
    assert target.name == name
    assert find_by_name(store, DATASET, name) == target
    assert links(store, model) == [target.id]
    assert read_reverse_links(store, target) == [model.id]
    assert read_all(store, listing(DATASET)) == [target]
    assert read_all(store, listing(DATASET, names=(normalise(name),))) == [target]
    assert read_all(store, listing(DATASET, name_starts_with=name[:3])) == [target]

    renamed = update(store, target, name="plain")
    assert find_by_name(store, DATASET, name) is None
    assert links(store, model) == [None]

    again = update(store, renamed, name=name)
    assert links(store, model) == [again.id]
    delete(store, again)
    assert links(store, model) == [None]


def test_names_are_listed_in_the_order_of_their_normalised_bytes(store: Store) -> None:
    wanted = [*ANY.values(), *(name for pair in SAME.values() for name in pair), "Zoo", "apple"]
    register(
        store,
        *(
            new_artifact(DATASET, n, url=f"https://example.org/{at}")
            for at, n in enumerate(wanted)
        ),
    )

    found = read_all(store, listing(DATASET, order=NAMES), first=3)

    keys = [(normalise(artifact.name).encode(), artifact.id) for artifact in found]
    assert keys == sorted(keys)
    assert sorted(names(found)) == sorted(wanted)


def test_long_names_with_the_same_key_are_different(store: Store) -> None:
    one, other = "ΐ" * 511 + "a", "ΐ" * 511 + "b"
    first = register_one(store, new_artifact(DATASET, one, url="https://example.org/1"))
    second = register_one(store, new_artifact(DATASET, other, url="https://example.org/2"))

    assert find_by_name(store, DATASET, one) == first
    assert find_by_name(store, DATASET, other) == second
    for name, artifact in ((one, first), (other, second)):
        wanted = listing(DATASET, names=(normalise(name),))
        assert read_all(store, wanted, first=1) == [artifact]
        assert store.count(wanted) == 1
    assert len(read_all(store, listing(DATASET, name_starts_with="ΐ" * 511), first=1)) == 2
    assert read_all(store, listing(DATASET, name_starts_with=other)) == [second]


@pytest.mark.parametrize("blank", ["", " ", "\t\n\u3000", "\x1c"], ids=ascii)
def test_a_blank_reference_does_not_resolve_even_to_a_blank_name(
    store: Store, blank: str
) -> None:
    nameless = register_one(
        store, new_artifact(DATASET, blank, url="https://example.org/nameless")
    )
    model = register_one(store, bert(by_name(DATASET, blank)))

    assert links(store, model) == [None]
    assert read_reverse_links(store, nameless) == []
    assert read_all(store, listing(DATASET, names=("",))) == []
    assert read_all(store, listing(DATASET)) == [nameless]

    renamed = update(store, nameless, name="squad")
    assert find_by_name(store, DATASET, "squad") == renamed
    update(store, renamed, name=blank)
    assert find_by_name(store, DATASET, "squad") is None


def test_urls_are_compared_exactly(store: Store) -> None:
    target = register_one(store, squad(url="https://example.org/Squad"))
    others = [
        "https://example.org/squad",
        "https://example.org/Squad/",
        "http://example.org/Squad",
    ]
    model = register_one(store, bert(*(by_url(DATASET, url) for url in [target.url, *others])))

    assert links(store, model) == [target.id, None, None, None]


@pytest.mark.parametrize("last", ["a", "é", "👩"], ids=ascii)
def test_urls_of_the_greatest_length_can_be_registered_and_found(
    store: Store, last: str
) -> None:
    start = "https://example.org/"
    url = start + "u" * (2_000 - len(start) - len(last.encode())) + last
    assert len(url.encode()) == 2_000
    target = register_one(store, new_artifact(DATASET, "long", url=url))
    other = register_one(store, new_artifact(DATASET, "long2", url=url[:-1] + "b"))
    model = register_one(store, bert(by_url(DATASET, url), by_url(DATASET, other.url)))

    assert links(store, model) == [target.id, other.id]
    assert read_reverse_links(store, target) == [model.id]
    delete(store, target)
    assert links(store, model) == [None, other.id]
