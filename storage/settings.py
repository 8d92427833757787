"""The settings of the store, read from the environment."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic_settings import BaseSettings


class StoreSettings(BaseSettings):
    """Which store to open and where; botocore reads its own variables beside these."""

    store: Literal["sqlite", "dynamodb"] = "sqlite"
    sqlite_path: Annotated[Path, Field(description="The file of the embedded store")] = Path(
        "artifacts.db"
    )
    ddb_table_name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{3,255}$")] = (
        "artifacts_metadata"
    )
    aws_region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")] = (
        "us-east-2"
    )
