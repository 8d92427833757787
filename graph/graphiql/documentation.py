"""The pages of the documentation, which the explorer shows without internet access."""

import sysconfig
from html import escape
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]
_INSTALLED = Path(sysconfig.get_path("data"), "share/doc/artifact-registry")
_FOLDER = _CHECKOUT / "docs" if (_CHECKOUT / "pyproject.toml").is_file() else _INSTALLED
PAGES = sorted(path.name for path in _FOLDER.glob("*.md"))
"""The names of the pages; none if the package was installed without them."""


def fill_page(name: str) -> dict[str, str]:
    """Return the placeholders of `documentation.html` for a page."""
    source = (_FOLDER / name).read_text()
    return {
        "title": escape(_read_title(name)),
        "source": escape(source),
        "links": "\n".join(map(_format_link, PAGES)),
    }


def _format_link(name: str) -> str:
    return f'<a href="{escape(name)}">{escape(_read_title(name))}</a>'


def _read_title(name: str) -> str:
    with (_FOLDER / name).open() as page:
        return page.readline().strip("# \n")
