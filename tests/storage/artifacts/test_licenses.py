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
    " DocumentRef-a:LicenseRef-b": "DocumentRef-a:LicenseRef-b",
    "MIT or LicenseRef-acme": "MIT OR LicenseRef-acme",
}
NAMED = {
    "MIT License": "MIT",
    "The MIT License": "MIT",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache-2.0 License": "Apache-2.0",
    "GPLv3": "GPL-3.0-only",
    "GPLv3+": "GPL-3.0-or-later",
    "GNU GPL v3.0": "GPL-3.0-only",
    "GNU General Public License v3.0": "GPL-3.0-only",
    "GNU General Public License v3.0 or later": "GPL-3.0-or-later",
    "LGPLv2.1": "LGPL-2.1-only",
    "GNU Affero General Public License version 3": "AGPL-3.0-only",
    "CC BY 4.0": "CC-BY-4.0",
    "CC-BY-NC-SA 4.0": "CC-BY-NC-SA-4.0",
    "Creative Commons Attribution 4.0 International": "CC-BY-4.0",
    "Creative Commons Zero v1.0 Universal": "CC0-1.0",
    "BSD 3-Clause": "BSD-3-Clause",
    'BSD 3-Clause "New" or "Revised" License': "BSD-3-Clause",
    "Artistic License 1.0 (Perl)": "Artistic-1.0-Perl",
    "Open Data Commons Public Domain Dedication & License 1.0": "PDDL-1.0",
    "MPL 2.0": "MPL-2.0",
    "MIT 0": "MIT-0",
    "The Unlicense": "Unlicense",
}
NOT_SPDX = [
    "",
    " ",
    "other",
    "unknown",
    "openrail",
    "bigscience-openrail-m",
    "llama3",
    "llama2",
    "Apache",
    "Apache License",
    "Apache Software License",
    "BSD",
    "BSD License",
    "GPL",
    "GNU General Public License",
    "MIT or GPL",
    "CC BY",
    "Creative Commons",
    "Public Domain",
    "the license",
    "v",
    "2.0",
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


@pytest.mark.parametrize(("name", "license_id"), NAMED.items())
def test_names_of_one_license_of_the_list_are_spdx(name: str, license_id: str) -> None:
    assert to_spdx(name) == license_id
    assert to_spdx(name.upper()) == license_id


@pytest.mark.parametrize("text", NOT_SPDX)
def test_nothing_else_is(text: str) -> None:
    assert to_spdx(text) is None


@pytest.mark.parametrize("expression", sorted(set(SPDX.values())))
def test_an_expression_is_its_own(expression: str) -> None:
    assert to_spdx(expression) == expression
