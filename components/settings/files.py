"""Settings of what becomes of files."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from components import declared
from components.settings.base import GIB, KIB, MIB, Section
from runtime.domain.tables import MOST_COLUMNS


class Processing(Section):
    """How files are routed and cut."""

    direct_limit_bytes: int = Field(5 * MIB, ge=0, le=64 * MIB, description="Largest file processed in one call.")
    part_bytes: int = Field(MIB, ge=KIB, le=32 * MIB, description="Size at which a large file is cut.")
    parts_per_group: int = Field(8, ge=1, le=64, description="Parts that one call of the part function takes at most.")
    inline_parts: int = Field(40, ge=1, le=40, description="Parts up to which the Map is inline, not distributed.")
    max_file_bytes: int = Field(50 * GIB, ge=MIB, le=500 * GIB, description="Larger files are rejected.")
    map_concurrency: int = Field(40, ge=1, le=1000, description="Groups of one file that are processed at once.")
    ingest_concurrency: int = Field(10, ge=2, le=1000, description="Ingest functions that read the queue at once.")
    ingest_batch_size: int = Field(10, ge=1, le=10, description="Upload events that one ingest call takes at most.")


class Images(Section):
    """What is made of images. Sizes are pixels of the longest side; none is larger than the image itself."""

    web_pixels: int = Field(2048, ge=256, le=8192, description="Largest size, for a whole screen.")
    preview_pixels: int = Field(1024, ge=128, le=4096, description="Middle size, for a page.")
    thumbnail_pixels: int = Field(256, ge=16, le=1024, description="Smallest size, for lists.")
    format: Literal["webp", "avif"] = Field(
        "webp", description="What they are written as. AVIF is smaller, takes ten times as long, and is newer."
    )
    quality: int = Field(80, ge=30, le=100, description="Of the encoder, from 1 to 100; 60 is about as good in AVIF.")
    max_megapixels: int = Field(100, ge=1, le=100, description="Larger images are rejected, unseen.")

    @model_validator(mode="after")
    def _sizes_descend(self) -> Self:
        if not self.thumbnail_pixels <= self.preview_pixels <= self.web_pixels:
            raise ValueError("thumbnail_pixels, preview_pixels and web_pixels must grow in this order")
        return self


class DeclaredTable(Section):
    """Columns of files whose names begin alike. Either `columns` or `json_schema` is given."""

    prefix: str = Field(description="What the names begin with; the longest one that fits is taken.")
    columns: dict[str, str] = Field(
        {}, description="Name to type, such as `BIGINT` or `DATE NOT NULL` ([types](processors.md#tables))."
    )
    json_schema: dict[str, Any] | None = Field(
        None, description="The same as a JSON Schema: an object whose properties have a `type` and a `format`."
    )

    @property
    def found(self) -> declared.Columns:
        """Name to type and whether it may be without a value."""
        return declared.of_schema(self.json_schema) if self.json_schema else declared.of_list(self.columns)

    @model_validator(mode="after")
    def _says_what_columns_are(self) -> Self:
        if bool(self.columns) == bool(self.json_schema):
            raise ValueError(f"{self.prefix!r}: either columns or json_schema is given")
        found = self.found
        if len({name.casefold() for name in found}) < len(found):
            raise ValueError(f"{self.prefix!r}: names of columns have to differ in more than their case")
        if len(found) > MOST_COLUMNS:
            raise ValueError(f"{self.prefix!r}: a table has {MOST_COLUMNS} columns at most")
        return self


class Tables(Section):
    """What becomes of CSV, JSON Lines and recipes."""

    results: Literal["both", "parquet", "clean"] = Field(
        "both",
        description=(
            "Whether accepted records are delivered as a Parquet table, as text, or as both. "
            "Recipes are always text too."
        ),
    )
    distinct: bool = Field(
        False,
        description="Whether `result.json` estimates how many different values each column has; a twentieth more work.",
    )
    declared: list[DeclaredTable] = Field(
        [], description="Columns that files must have. Others' columns are typed by what is in them."
    )

    @model_validator(mode="after")
    def _prefixes_differ(self) -> Self:
        prefixes = [table.prefix for table in self.declared]
        if len(set(prefixes)) < len(prefixes):
            raise ValueError("declared has a prefix twice")
        return self


class Archives(Section):
    """What becomes of ZIP archives. One beyond a limit is rejected, with all that archives in it hold."""

    members: Literal["list", "process"] = Field(
        "list", description="Whether their members are listed, or go through the platform as files of their own too."
    )
    nesting: int = Field(2, ge=1, le=5, description="How many archives around a member are opened for that at most.")

    max_members: int = Field(100_000, ge=1, le=100_000, description="Files and folders that one holds at most.")
    max_unpacked_bytes: int = Field(50 * GIB, ge=MIB, le=500 * GIB, description="Bytes that it holds unpacked at most.")
    # Deflate can do 1032; tables and logs are packed to a hundredth at the very best.
    max_ratio: int = Field(250, ge=10, le=1032, description="How many times its own size that may be, from 16 MiB on.")


class Malware(Section):
    """The malware gate: nothing is read before GuardDuty has scanned it."""

    gate: Literal["none", "guardduty"] = Field("none", description="Who scans uploads, if anyone.")
    timeout_seconds: int = Field(
        3600, ge=10, le=12 * 3600, description="How long a file waits for its verdict before it fails."
    )
    unscannable: Literal["reject", "accept"] = Field(
        "reject", description="What becomes of files that cannot be scanned, such as password-protected archives."
    )
