"""Determines the throughput of indexes that are added to a table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.dynamodb.schema.table import describe
from storage.errors import StoreSetupError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ProvisionedThroughputTypeDef


@dataclass(frozen=True, slots=True)
class Throughput:
    """The capacity units per second of a table or an index in provisioned mode."""

    read_units: int
    write_units: int

    def to_parameter(self) -> "ProvisionedThroughputTypeDef":
        """Return the parameter of CreateTable and UpdateTable."""
        return {"ReadCapacityUnits": self.read_units, "WriteCapacityUnits": self.write_units}


@dataclass(frozen=True, slots=True)
class IndexUnits:
    """The units that a person wants for each index; None for those of the table."""

    read: int | None = None
    write: int | None = None

    def apply(self, table: Throughput | None, name: str) -> Throughput | None:
        """Return the throughput of an index of a table; None if the table is on demand.

        Raises:
            StoreSetupError: if units are given for a table that is on demand.
        """
        if table is not None:
            return Throughput(self.read or table.read_units, self.write or table.write_units)
        if (self.read, self.write) != (None, None):
            raise StoreSetupError(
                f"the table {name} is on demand, and so are its indexes: leave out "
                "--index-read-units and --index-write-units"
            )
        return None


def read_throughput(client: "DynamoDBClient", table: str) -> Throughput | None:
    """Return the throughput of a table; None if it is on demand."""
    description = describe(client, table)
    # Tables that never were on demand have no summary.
    summary = description.get("BillingModeSummary", {})
    if summary.get("BillingMode") == "PAY_PER_REQUEST":
        return None
    units = description["ProvisionedThroughput"]
    return Throughput(units["ReadCapacityUnits"], units["WriteCapacityUnits"])
