"""Every package that the product imports is declared in pyproject.toml."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("graph", "storage")
EXTRAS = ("otel", "redis")
"""The optional dependencies that serving may use; tests and development have extras too."""
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def declared_distributions(*extras: str) -> set[str]:
    """Return the normalized names of the dependencies, and of those of some extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    requirements = [*project["dependencies"]]
    for extra in extras:
        requirements += project["optional-dependencies"][extra]
    return {normalize(match[0]) for text in requirements if (match := _NAME.match(text))}


def normalize(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imported_packages(source: str) -> set[str]:
    """Return the top-level packages that a module imports on all platforms, at any place."""
    return {name.partition(".")[0] for name in iterate_imports(ast.parse(source))}


def iterate_imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        if node.level == 0 and node.module:
            yield node.module
    elif isinstance(node, ast.If) and is_never_true(node.test):
        for statement in node.orelse:
            yield from iterate_imports(statement)
    else:
        for child in ast.iter_child_nodes(node):
            yield from iterate_imports(child)


def is_never_true(test: ast.expr) -> bool:
    """Return whether a condition is false when a module runs on Windows."""
    never_true = ("TYPE_CHECKING", "typing.TYPE_CHECKING", "sys.platform != 'win32'")
    return ast.unparse(test) in never_true


@cache
def installed_distributions() -> Mapping[str, list[str]]:
    """Return the distributions of each installed package; this reads all their metadata."""
    return packages_distributions()


def find_undeclared(source: str, declared: set[str]) -> set[str]:
    """Return the packages that a module imports and no declared distribution provides."""
    known = {*sys.stdlib_module_names, *PACKAGES}
    distributions = installed_distributions()
    return {
        package
        for package in imported_packages(source) - known
        if not declared & {normalize(name) for name in distributions.get(package, [])}
    }


def modules() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts
    ]


def test_every_import_of_the_product_is_declared() -> None:
    declared = declared_distributions(*EXTRAS)
    undeclared = {
        str(path.relative_to(ROOT)): packages
        for path in modules()
        if (packages := find_undeclared(path.read_text(), declared))
    }

    assert len(modules()) > 50
    assert undeclared == {}


@pytest.mark.parametrize(
    ("source", "undeclared"),
    [
        ("import os, pydantic.fields", set()),
        ("from graph.errors import Code", set()),
        ("import graphql", {"graphql"}),
        ("from graphql.execution import execute", {"graphql"}),
        ("import no_such_package.part as part", {"no_such_package"}),
        ("def load():\n    import graphql", {"graphql"}),
        ("try:\n    import graphql\nexcept ImportError:\n    pass", {"graphql"}),
        ("if TYPE_CHECKING:\n    import graphql", set()),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    import graphql", {"graphql"}),
        ("from . import graphql", set()),
    ],
)
def test_an_undeclared_import_is_found(source: str, undeclared: set[str]) -> None:
    assert find_undeclared(source, {"pydantic"}) == undeclared


def test_every_module_can_be_imported_on_windows() -> None:
    unix_only = {"crypt", "fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}
    importing = {
        str(path.relative_to(ROOT)): packages
        for path in modules()
        if (packages := imported_packages(path.read_text()) & {*unix_only, "uvloop"})
    }
    poll = [path for path in modules() if "select import poll" in path.read_text()]

    assert (importing, poll) == ({}, [])
