"""The server uses only public parts of graphql-core and Strawberry."""

import ast
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "graph"
LIBRARIES = ("graphql", "strawberry")
PRIVATE_MODULES = (
    "graphql.pyutils",
    "graphql.execution.async_iterables",
    "graphql.execution.collect_fields",
    "graphql.execution.execute",
    "graphql.execution.executor",
    "graphql.execution.get_variable_signature",
    "graphql.execution.incremental",
    "graphql.execution.types",
    "graphql.execution.values",
)
NAMED_TUPLE_NAMES = {"_asdict", "_fields", "_make", "_replace"}
PERMITTED = [("schema/build.py", "_schema")]
"""The one function that takes graphql-core's schema from Strawberry's."""


def find_private_imports(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports of the libraries that is private."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            is_private = any(part.startswith("_") for part in parts) or any(
                name == module or name.startswith(f"{module}.") for module in PRIVATE_MODULES
            )
            if parts[0] in LIBRARIES and is_private:
                yield name


def find_private_attributes(tree: ast.Module) -> Iterator[str]:
    """Yield names with an underscore of objects other than the module's own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            is_own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            is_public = node.attr.startswith("__") or node.attr in NAMED_TUPLE_NAMES
            if not is_own and not is_public:
                yield node.attr


def find_overrides(tree: ast.Module) -> Iterator[str]:
    """Yield private methods of classes that are derived from classes of the libraries."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(LIBRARIES)
        for alias in node.names
    }
    executors = {name for name in imported if name.endswith(("Executor", "ExecutionContext"))}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            if bases & executors:
                yield node.name


def modules() -> dict[str, ast.Module]:
    return {
        str(path.relative_to(FOLDER)): ast.parse(path.read_text())
        for path in sorted(FOLDER.rglob("*.py"))
    }


def test_nothing_private_is_imported() -> None:
    found = [
        (name, each) for name, tree in modules().items() for each in find_private_imports(tree)
    ]
    assert found == []


def test_no_private_attribute_is_used_but_the_schema() -> None:
    found = [
        (name, each)
        for name, tree in modules().items()
        for each in find_private_attributes(tree)
    ]
    assert found == PERMITTED


def test_no_class_is_derived_from_an_executor() -> None:
    found = [(name, each) for name, tree in modules().items() for each in find_overrides(tree)]
    assert found == []
