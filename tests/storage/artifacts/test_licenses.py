"""Deriving SPDX expressions from licenses."""

import pytest

from storage.artifacts.licenses import to_spdx

SPDX = {
    "MIT": "MIT",
    "mit": "MIT",
    " mit\n": "MIT",
    "apache-2.0": "Apache-2.0",
    "bsd-3-clause": "BSD-3-Clause",
    "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0",
    "cdla-permissive-2.0": "CDLA-Permissive-2.0",
    "unlicense": "Unlicense",
    "postgresql": "PostgreSQL",
    "gpl-3.0": "GPL-3.0-only",
    "GPL-3.0+": "GPL-3.0-or-later",
    "mit or Apache-2.0": "MIT OR Apache-2.0",
    "MIT AND (apache-2.0 OR bsd-3-clause)": "MIT AND (Apache-2.0 OR BSD-3-Clause)",
    "GPL-2.0-only with classpath-exception-2.0": "GPL-2.0-only WITH Classpath-exception-2.0",
    "LicenseRef-acme": "LicenseRef-acme",
    "MIT or LicenseRef-acme": "MIT OR LicenseRef-acme",
}
NOT_SPDX = [
    "",
    " ",
    "other",
    "unknown",
    "openrail",
    "bigscience-openrail-m",
    "llama3",
    "Apache 2.0",
    "MIT License",
    "MIT, Apache-2.0",
    "MIT MIT",
    "mit and",
    "not mit",
    "(mit",
    "mit/x11",
    "MIT WITH Apache-2.0",
    "Classpath-exception-2.0",
    "LicenseRef-ä",
    "ＭＩＴ",  # noqa: RUF001 - it is not ASCII
    "a\x00b",
    "(" * 256,
    "mit and " * 12 + "mit",
    "mit" + " " * 254,
]


@pytest.mark.parametrize(("text", "expression"), SPDX.items())
def test_identifiers_of_the_list_and_their_expressions_are_spdx(
    text: str, expression: str
) -> None:
    assert to_spdx(text) == expression


@pytest.mark.parametrize("text", NOT_SPDX)
def test_nothing_else_is(text: str) -> None:
    assert to_spdx(text) is None


@pytest.mark.parametrize("expression", sorted(set(SPDX.values())))
def test_an_expression_is_its_own(expression: str) -> None:
    assert to_spdx(expression) == expression
