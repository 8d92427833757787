"""Checks that the attributes of libraries which this server sets or overrides exist."""

from collections.abc import Iterable
from importlib.metadata import version
from types import ModuleType


def require_attributes(
    owner: type | ModuleType, names: Iterable[str], distribution: str
) -> None:
    """Check the attributes of a library's class or module when it is imported.

    Setting or overriding an attribute that a new version of the library has renamed would
    have no effect, and no error.

    Raises:
        ImportError: An attribute is missing.
    """
    missing = [name for name in names if not hasattr(owner, name)]
    if missing:
        raise ImportError(
            f"{distribution} {version(distribution)} is not supported: {owner.__name__} has no"
            f" {', '.join(missing)}; install a version that pyproject.toml allows"
        )
