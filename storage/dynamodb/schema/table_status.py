"""Refuses tables that cannot be used in their present state, with what to do."""

from typing import TYPE_CHECKING

from storage.errors import StoreSetupError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

_ADVICE = {
    "CREATING": "is being created; wait until it is active, and try again",
    "DELETING": "is being deleted; set another name, or restore a backup when it is gone",
    "ARCHIVING": (
        "is being archived, because its KMS key has not been usable for seven days; restore it "
        "from the backup that DynamoDB makes"
    ),
    "ARCHIVED": (
        "was archived, because its KMS key was not usable for seven days; restore it from the "
        "backup that DynamoDB made, under another name"
    ),
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": (
        "is encrypted with a KMS key that DynamoDB cannot use; enable the key and its grants "
        "within seven days, or the table is archived"
    ),
}
"""By the states in which nothing can be read; a table that is UPDATING can be used."""
USABLE_INDEX = "ACTIVE", "UPDATING"
"""The states of an index that can be read."""


def check_status(description: "TableDescriptionTypeDef", table: str) -> None:
    """Check that a table is in a state in which it can be used.

    Raises:
        StoreSetupError: if it is not, with what to do.
    """
    if advice := _ADVICE.get(description.get("TableStatus", "")):
        raise StoreSetupError(f"DDB_TABLE_NAME: the table {table} {advice}")


def describe_missing_indexes(description: "TableDescriptionTypeDef", names: list[str]) -> str:
    """Return what is wrong with indexes that cannot be used, and what to do."""
    indexes = description.get("GlobalSecondaryIndexes", [])
    states = {index["IndexName"]: index["IndexStatus"] for index in indexes}
    if building := [name for name in names if states.get(name) == "CREATING"]:
        return (
            f"is still building the index {', '.join(building)}; wait until it is active, and "
            "try again; `python -m storage migrate` waits for it"
        )
    return f"lacks the indexes {', '.join(names)}; `python -m storage migrate` adds them"
