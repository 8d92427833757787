"""Compares the settings in docs/limits-and-errors.md with those of the server."""

from graph.auth.roles import Role
from graph.settings import Settings
from tests.docs.blocks import read_table

PAGE = "docs/limits-and-errors.md"


def test_every_setting_is_documented_with_its_default() -> None:
    documented = {
        name: cells[0].strip("`") for name, cells in read_table(PAGE, "Settings").items()
    }

    assert documented == {
        f"`{name.upper()}`": format_default(None if field.default_factory else field.default)
        for name, field in Settings.model_fields.items()
    }


def format_default(default: object) -> str:
    if default is None or default == ():
        return "unset"
    if isinstance(default, Role):
        return default.value
    return " ".join(default) if isinstance(default, tuple) else str(default)


def test_roles_are_documented_in_their_order() -> None:
    roles = [name.strip("`") for name in read_table(PAGE, "Access control")]

    assert roles == [role.value for role in Role]
