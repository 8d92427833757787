"""The settings of the store, read from the environment."""

import os
import re
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    FilePath,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings

from storage.errors import StoreSetupError

_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_URI = re.compile(r"file:(//(?=/))?|sqlite3?:(///)?")
TABLE_ARN = re.compile(
    r"arn:aws[a-z-]*:dynamodb:(?P<region>[a-z0-9-]+):\d{12}:table/(?P<name>[A-Za-z0-9_.-]{3,255})"
)
"""The ARN of a table, with its region and name."""


_MAX_SECONDS = 86_400
Seconds = Annotated[float, Field(ge=0, le=_MAX_SECONDS, allow_inf_nan=False)]
PositiveSeconds = Annotated[float, Field(gt=0, le=_MAX_SECONDS, allow_inf_nan=False)]


def default_search_folder() -> Path:
    """Return the directory of this user's search indexes in the temporary directory."""
    user = os.getuid() if hasattr(os, "getuid") else "user"  # Windows has a directory for each
    return Path(gettempdir()) / f"registry-search-{user}"


def _require_text(path: object) -> object:
    """Return a path unless it is empty, which would stand for the current directory."""
    if path == "":
        raise ValueError("must not be empty")
    return path


def _check_file_name(path: object) -> object:
    """Return the path of a file unless it is what only other programs take for one."""
    text = _require_text(path)
    if not isinstance(text, str):
        return text
    if uri := _URI.match(text):
        name = text[uri.end() :].partition("?")[0] or "artifacts.db"
        raise ValueError(f"{text} is a URI, not a path; use {name}")
    if text.startswith("~/"):
        raise ValueError(
            f"~ does not stand for a directory here; use {Path(text).expanduser()}"
        )
    return text


def _check_table_name(name: str) -> str:
    if not (_TABLE_NAME.fullmatch(name) or TABLE_ARN.fullmatch(name)):
        raise ValueError(
            "must be the name of a table, which has 3 to 255 letters, digits and _ . -, or its"
            " ARN"
        )
    return name


class StoreSettings(BaseSettings):
    """The store to open and its location; botocore's own variables apply beside these."""

    store: Literal["sqlite", "dynamodb"] = "sqlite"
    sqlite_path: Annotated[Path, BeforeValidator(_check_file_name)] = Path("artifacts.db")
    ddb_table_name: Annotated[str, AfterValidator(_check_table_name)] = "artifacts_metadata"
    """A name, or the ARN of a table of this or of another account."""
    aws_region: (
        Annotated[str, StringConstraints(pattern=r"^[a-z]{2,}(-[a-z]+)+-\d$")] | None
    ) = None
    """By default AWS_DEFAULT_REGION, the region of the AWS profile, or us-east-2."""
    aws_connect_seconds: PositiveSeconds = 1.0
    """Time in which a connection to DynamoDB has to be established."""
    aws_read_seconds: PositiveSeconds = 2.0
    """Time without progress after which a response of DynamoDB is given up."""
    aws_client_cert: FilePath | None = None
    """Certificate for TLS client authentication, in PEM; it may hold the key, too."""
    aws_client_key: FilePath | None = None
    """Key of that certificate, if it is in a file of its own."""
    search_index_path: Annotated[Path, BeforeValidator(_require_text)] = Field(
        default_factory=default_search_folder
    )
    """The directory of the search index of a table, which is a copy that may be deleted."""
    search_max_age: Seconds = 1.0
    """Seconds after which listings of a table show what other processes wrote; 0: at once."""

    @model_validator(mode="after")
    def _check_region(self) -> Self:
        arn = TABLE_ARN.fullmatch(self.ddb_table_name)
        if arn and self.aws_region not in (None, arn["region"]):
            raise ValueError(
                f"AWS_REGION: {self.aws_region} is not the region of DDB_TABLE_NAME,"
                f" {arn['region']}"
            )
        return self


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
            "\n".join(": ".join([*map(_variable, e["loc"][:1]), _message(e)]) for e in errors)
        ) from None


def _variable(field: object) -> str:
    return str(field).upper()


def _message(error: ErrorDetails) -> str:
    """Return pydantic's message in the words of a setting."""
    if error["type"].startswith("bool_"):
        return "must be true or false"
    if error["type"] == "path_not_file":
        return f"{error['input']} is not a file"
    return error["msg"].removeprefix("Value error, ").replace("Input should be", "must be", 1)
