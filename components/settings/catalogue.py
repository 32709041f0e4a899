"""Settings of the catalogue in PostgreSQL."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from components.settings.base import Section, network

TableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
ColumnName = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[^\x00]+$")]
COLUMN_TYPES = (
    "bigint",
    "boolean",
    "date",
    "double precision",
    "integer",
    "jsonb",
    "numeric",
    "text",
    "timestamp with time zone",
    "timestamp without time zone",
    "uuid",
)
_DECIMAL = re.compile(r"numeric\([1-9][0-9]{0,2},[0-9]{1,3}\)")


def _known(kind: str) -> str:
    # As the database writes it: a type is compared with what is there.
    if kind not in COLUMN_TYPES and not _DECIMAL.fullmatch(kind):
        raise ValueError(f"{kind!r} is not a type; there are {', '.join(COLUMN_TYPES)}, and numeric(10,2)")
    return kind


ColumnType = Annotated[str, AfterValidator(_known)]


class RowsTable(Section):
    """A table for rows."""

    prefix: str = Field(description="How the names of its files begin.")
    table: TableName = Field(description="Its name, in the schema `rows`.")
    columns: dict[ColumnName, ColumnType] = Field(
        {},
        description=(
            f"Type of each column, by name: {', '.join(COLUMN_TYPES)}, numeric(10,2). Without any, the table has the "
            "columns that `penstock:tables` declares for the prefix."
        ),
    )

    @model_validator(mode="after")
    def _leaves_a_name_for_the_file(self) -> Self:
        if "file_id" in self.columns:
            raise ValueError(f"the table {self.table} has a column file_id of its own, which tells the file of a row")
        return self


class Catalogue(Section):
    """The catalogue in PostgreSQL, in a network of its own (docs/catalogue.md)."""

    enabled: bool = Field(False, description="Whether there is one. It costs money by the hour, used or not.")
    cidr: str = Field("10.1.0.0/16", description="Addresses of its network, a /16 outside of the functions'.")
    instance_class: str = Field("db.t4g.micro", pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$", description="Its size.")
    storage_gb: int = Field(20, ge=20, le=65_536, description="Storage at first, in GiB.")
    max_storage_gb: int = Field(100, ge=20, le=65_536, description="Storage up to which it grows by itself, in GiB.")
    standby: bool = Field(False, description="Whether a second one in another zone takes over.")
    backup_days: int = Field(7, ge=1, le=35, description="Days back to which it can be restored, to the second.")
    proxy: bool = Field(False, description="Whether functions connect through RDS Proxy.")
    concurrency: int = Field(4, ge=2, le=100, description="Functions that write to it at once.")
    rows: list[RowsTable] = Field([], description="Tables that the accepted rows of CSV files are copied into.")

    @field_validator("cidr")
    @classmethod
    def _is_network(cls, value: str) -> str:
        return network(value, longest=16, shortest=16)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.max_storage_gb < self.storage_gb:
            raise ValueError(f"max_storage_gb is {self.max_storage_gb}, less than storage_gb, {self.storage_gb}")
        for what in ("prefix", "table"):
            names = [getattr(one, what) for one in self.rows]
            if len(set(names)) < len(names):
                raise ValueError(f"rows has a {what} twice")
        return self
