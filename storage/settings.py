"""The settings of the store, read from the environment."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import StringConstraints, ValidationError
from pydantic_settings import BaseSettings

from storage.errors import StoreSetupError


class StoreSettings(BaseSettings):
    """Which store to open and where; botocore reads its own variables beside these."""

    store: Literal["sqlite", "dynamodb"] = "sqlite"
    sqlite_path: Path = Path("artifacts.db")
    ddb_table_name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{3,255}$")] = (
        "artifacts_metadata"
    )
    aws_region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")] = (
        "us-east-2"
    )


_Settings = TypeVar("_Settings", bound=BaseSettings)


def load_settings(settings: type[_Settings]) -> _Settings:
    """Read settings from the environment.

    Raises:
        StoreSetupError: if one is invalid; the message names its variable.
    """
    try:
        return settings()
    except ValidationError as error:
        errors = error.errors(include_url=False)
        raise StoreSetupError(
            "\n".join(": ".join([*map(_variable, e["loc"][:1]), e["msg"]]) for e in errors)
        ) from None


def _variable(field: object) -> str:
    return str(field).upper()
