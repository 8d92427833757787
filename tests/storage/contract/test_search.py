"""Searches: every word occurs in name, tags, description or url, as a part of a word."""

import pytest

from storage.search.folding import fold_search
from storage.search.listing import Order, OrderField
from storage.store import Store
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    NAMES,
    RELEVANCE,
    listing,
    names,
    new_artifact,
)
from tests.storage.store_calls import delete, read_all, register, register_one, update


def search(store: Store, text: str, order: Order = NAMES) -> list[str]:
    """The names of the artifacts that a search finds, which are counted, too."""
    wanted = listing(order=order, search=fold_search(text))
    found = names(read_all(store, wanted, first=3))
    assert store.count(wanted) == len(found)
    return found


@pytest.fixture
def filled(store: Store) -> Store:
    register(
        store,
        new_artifact(MODEL, "BERT Base", tags=("Köln",), url="https://hub.example/a"),
        new_artifact(DATASET, "squad", description="Fragen\nund Antworten: Straße"),
        new_artifact(CODE, "trainer", tags=("x-ray", "go"), license="bert-license"),
        new_artifact(MODEL, "日本語モデル", url="https://hub.example/jp/%C3%9F_1"),
    )
    return store


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bert", ["bert base"]),
        ("ERT", ["bert base"]),
        ("  base   bert ", ["bert base"]),
        ("bert bert", ["bert base"]),
        ("bert koln", ["bert base"]),
        ("KÖLN", ["bert base"]),
        ("ko\u0308ln", ["bert base"]),
        ("bert squad", []),
        ("antworten", ["squad"]),
        ("fragen und", ["squad"]),
        ("strasse", ["squad"]),
        ("STRAßE", ["squad"]),
        ("example jp", ["日本語モデル"]),
        ("hub.example", ["bert base", "日本語モデル"]),
        ("日本語", ["日本語モデル"]),
        ("本語", ["日本語モデル"]),
        ("語", ["日本語モデル"]),
        ("モテ", ["日本語モデル"]),
        ("go", ["trainer"]),
        ("x-", ["trainer"]),
        ("%c3", ["日本語モデル"]),
        ("%", ["日本語モデル"]),
        ("_", ["日本語モデル"]),
        ("-ray go", ["trainer"]),
        ("license", []),
        ("nothing", []),
        ('"bert', []),
        ("bert OR squad", []),
        ("bert*", []),
        ("e a", ["bert base", "squad", "trainer", "日本語モデル"]),
    ],
)
def test_a_search_finds_what_has_every_word(
    filled: Store, text: str, expected: list[str]
) -> None:
    found = search(filled, text)
    assert sorted(name.lower() for name in found) == sorted(expected)


def test_a_blank_search_finds_everything(filled: Store) -> None:
    for text in ("", " ", "\t\n"):
        assert len(search(filled, text)) == 4


def test_relevance_is_the_name_then_its_beginning_then_a_part_then_the_rest(
    store: Store,
) -> None:
    for at, name in enumerate(("the bért", "bert-b", "Bert A", "bert", "BÉRT", "hubert", "z")):
        tags = ("bert",) if name == "z" else ()
        made = new_artifact(
            (MODEL, DATASET)[at % 2], name, url=f"https://example.org/{at}", tags=tags
        )
        register(store, made)
    register_one(store, new_artifact(MODEL, "a", description="of bert", url="https://a.org"))

    expected = ["bert", "BÉRT", "Bert A", "bert-b", "hubert", "the bért", "a", "z"]
    assert search(store, "Bert", RELEVANCE) == expected
    assert search(store, "BERT", Order(OrderField.RELEVANCE, descending=True)) == expected


def test_relevance_ignores_white_space_around_names(store: Store) -> None:
    for name in ("a bert", " bert\t", "\u3000Bert b", "bert"):
        register_one(store, new_artifact(MODEL, name))

    expected = [" bert\t", "bert", "\u3000Bert b", "a bert"]
    assert search(store, "bert", RELEVANCE) == expected


def test_relevance_looks_at_the_words_together(store: Store) -> None:
    wanted = ("base bert", "bert base", "bert base large", "my bert base", "bert the base")
    register(store, *(new_artifact(MODEL, name) for name in wanted))

    assert search(store, "bert base", RELEVANCE) == [
        "bert base", "bert base large", "my bert base", "base bert", "bert the base"
    ]  # fmt: skip


def test_relevance_without_a_search_is_the_order_of_names(filled: Store) -> None:
    expected = names(read_all(filled, listing(order=NAMES)))

    assert names(read_all(filled, listing(order=RELEVANCE), first=2)) == expected


def test_a_search_follows_writes(store: Store) -> None:
    model = register_one(store, new_artifact(MODEL, "bert", description="first words"))
    assert search(store, "first") == ["bert"]

    update(store, model, description="second words", tags=("third",))
    assert search(store, "first") == []
    assert search(store, "second third") == ["bert"]

    update(store, model, name="gpt", description=None)
    assert search(store, "bert") == ["gpt"]  # its url still says so
    assert search(store, "second") == []

    delete(store, model)
    assert search(store, "gpt") == []
