"""Bills of materials of stored models, and their export."""

from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from storage.sqlite.store import SqliteStore
from storage.store import Store
from storage.transfer.cyclonedx import write_ml_bom
from storage.transfer.upstream import read_upstream
from tests.storage.command_line import Run
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    by_name,
    by_url,
    full_model,
    new_artifact,
    squad,
    url_for,
)
from tests.storage.store_calls import register

BERT = url_for(MODEL, "bert")
NASTY = (
    'https://example.org/a b|c^d`{e}[f]<g>"h%zz#i#j',
    "https://[2001:db8:0:0:0:0:0:1]:8080/a?b=[c]#[d]",
    "https://user@bücher.example/ä/%E4?x=%",
    "s3://bucket/path/to/ü model",
)


def validate(text: str) -> dict[str, Any]:
    """Return a bill of materials, which is valid."""
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert error is None, error
    content: dict[str, Any] = orjson.loads(text)
    return content


@pytest.mark.parametrize("url", NASTY, ids=["path", "host", "letters", "scheme"])
def test_any_url_has_a_valid_form(store: Store, url: str) -> None:
    register(store, new_artifact(MODEL, "bert", url=url, download_url=url))

    bom = write_ml_bom(read_upstream(store, url))

    validate(bom.text)


def test_a_model_may_have_an_empty_name(store: Store) -> None:
    register(store, new_artifact(MODEL, "", url=BERT))

    content = validate(write_ml_bom(read_upstream(store, BERT)).text)

    assert content["metadata"]["component"]["name"] == ""


def test_every_field_of_a_model_is_written(store: Store) -> None:
    register(store, squad(), new_artifact(CODE, "trainer"), full_model())

    bom = write_ml_bom(read_upstream(store, BERT))

    content = validate(bom.text)
    component = content["metadata"]["component"]
    assert component["tags"] == ["nlp", "Ünï"]
    assert component["description"] == "Reads *both* ways."
    assert [each.get("version") for each in content["components"]] == ["v1.1", None]


def test_a_long_chain_is_cut_and_said_to_be(tmp_path: Path) -> None:
    names = [f"m{n}" for n in range(103)]
    chain = zip(names, [*names[1:], "absent"], strict=True)
    with closing(SqliteStore(tmp_path / "registry.db")) as store:
        register(
            store, *(new_artifact(MODEL, name, by_name(MODEL, base)) for name, base in chain)
        )

        cut = read_upstream(store, url_for(MODEL, "m0"))
        whole = read_upstream(store, url_for(MODEL, "m2"))

    assert (len(cut.artifacts), cut.is_complete) == (100, False)
    assert write_ml_bom(cut).missing[0].startswith("artifacts upstream: ")
    assert (len(whole.artifacts), whole.is_complete) == (100, True)


def test_a_model_is_exported_with_what_is_missing(run: Run, tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "registry.db")) as store:
        register(
            store,
            squad(license="cc-by-4.0", download_url="https://example.org/squad.zip"),
            new_artifact(MODEL, "bert", by_url(DATASET, url_for(DATASET, "squad"))),
        )

    printed = run("export", "--format", "cyclonedx", "--model", BERT)
    written = run("export", "bom.json", "--format", "cyclonedx", "--model", BERT)

    assert (printed.exit_code, written.exit_code, written.stdout) == (0, 0, "")
    assert (tmp_path / "bom.json").read_text() == printed.stdout
    content = validate(printed.stdout)
    assert content["components"][0]["licenses"] == [{"license": {"id": "CC-BY-4.0"}}]
    assert printed.stderr == written.stderr
    assert written.stderr.splitlines()[:5] == [
        "missing: model bert: version",
        "missing: model bert: license",
        "missing: model bert: distribution",
        "missing: model bert: task",
        "missing: dataset squad: version",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--format", "cyclonedx"), 2, "needs --model URL"),
        (("out", "--model", BERT), 2, "--model can be used with"),
        ((), 2, "needs a FILE"),
        (("--format", "cyclonedx", "--model", BERT), 2, f"no model with the URL {BERT}"),
        (("registry.db", "--format", "cyclonedx", "--model", BERT), 2, "the store itself"),
    ],
    ids=["no model", "ndjson of a model", "no file", "unknown model", "the store"],
)
def test_a_wrong_export_fails(
    run: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    run("create")

    done = run("export", *arguments)

    assert done.exit_code == code
    assert message in done.stderr
    assert done.stdout == ""
