"""The settings of a stack: read once, typed, documented, refused with the key and the file when they are wrong.

Only this module touches Pulumi's configuration. The reference in `docs/settings.md` is made from it.
"""

import difflib
import ipaddress
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self, TypeVar, cast, get_args

import pulumi
from pulumi.runtime import config as runtime_config
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from components import declared
from runtime.domain.tables import MOST_COLUMNS

KIB, MIB, GIB = 1024, 1024**2, 1024**3

Model = TypeVar("Model", bound=BaseModel)

Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Origin = Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]
# CloudWatch Logs keeps logs for these numbers of days and no others.
Retention = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288]


TableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
ColumnName = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[^\x00]+$")]
ColumnType = Literal[
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
]
Client = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
# The groups of rules that AWS keeps for everybody at no price of their own.
Group = Literal[
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
]
Counted = Annotated[str, Field(pattern=r"^AWSManagedRules\w+/\w+$")]
CERTIFICATE = r"^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate/[\w-]+$"


class SettingsError(pulumi.RunError):
    """What is wrong with a stack's settings, one line each. Pulumi prints it without a stack trace."""


class Section(BaseModel):
    """One map of the stack's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
    """What becomes of CSV and JSON Lines."""

    results: Literal["both", "parquet", "clean"] = Field(
        "both", description="Whether accepted records are delivered as a Parquet table, as text, or as both."
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


class Functions(Section):
    """Where the functions run."""

    platform: Literal["aws", "host"] = Field(
        "aws", description="What their wheels are built for: arm64 Lambda, or the machine that runs this program."
    )
    in_vpc: bool = Field(False, description="Whether they run in the VPC's private subnets.")


class Network(Section):
    """The VPC."""

    cidr: str = Field("10.0.0.0/16", description="Its addresses, a /16.")
    zones: int = Field(2, ge=2, le=3, description="Availability zones with a subnet of each kind.")
    nat: Literal["none", "one", "per_zone"] = Field("none", description="NAT gateways for the private subnets.")

    @field_validator("cidr")
    @classmethod
    def _is_network(cls, value: str) -> str:
        return _network(value, longest=16, shortest=16)


class Vpn(Section):
    """The Client VPN, by which operators reach the private and isolated subnets."""

    enabled: bool = Field(False, description="Whether there is one. It costs money by the hour, used or not.")
    client_cidr: str = Field(
        "10.8.0.0/22", description="Addresses for connected machines, a /12 to /22 outside of the VPC's."
    )
    zones: int = Field(1, ge=1, le=3, description="Zones that it is joined to, each of which is paid for.")
    session_hours: Literal[8, 10, 12, 24] = Field(8, description="Hours after which one has to connect again.")
    clients: list[Client] = Field(
        [], description="Who gets a certificate, in a profile in Secrets Manager (docs/network.md)."
    )
    server_certificate_arn: str | None = Field(
        None, pattern=CERTIFICATE, description="The server's certificate in ACM; by default the stack makes its own."
    )
    client_ca_arn: str | None = Field(
        None, pattern=CERTIFICATE, description="Certificate in ACM whose authority signs the clients'; needed with it."
    )

    @field_validator("client_cidr")
    @classmethod
    def _is_network(cls, value: str) -> str:
        return _network(value, longest=12, shortest=22)

    @model_validator(mode="after")
    def _somebody_can_come_in(self) -> Self:
        if (self.server_certificate_arn is None) != (self.client_ca_arn is None):
            raise ValueError("server_certificate_arn and client_ca_arn are given together or not at all")
        if self.clients and self.client_ca_arn:
            raise ValueError("clients get certificates from the stack's own authority, but client_ca_arn is given")
        if self.enabled and not self.clients and not self.client_ca_arn:
            raise ValueError("nobody could connect: clients has no names, and client_ca_arn is not given")
        if len(set(self.clients)) < len(self.clients):
            raise ValueError("clients has a name twice")
        return self


class Storage(Section):
    """What the buckets keep, and for how long."""

    work_days: int = Field(3, ge=2, le=30, description="Days after which parts of files are deleted.")
    noncurrent_days: int = Field(30, ge=1, le=3650, description="Days for which overwritten versions are kept.")
    tier_days: int = Field(30, ge=30, le=3650, description="Days after which what is kept moves to cheaper storage.")
    lock_days: int | None = Field(
        None,
        ge=1,
        le=36500,
        description="Days for which backups and the ledger's archive cannot be deleted.",
    )
    lock_mode: Literal["GOVERNANCE", "COMPLIANCE"] = Field(
        "GOVERNANCE", description="Whether a privileged person may lift that lock, or nobody at all."
    )
    account_closed: bool = Field(
        False, description="Whether the whole account's buckets are kept from becoming public, not only the stack's."
    )
    deletable: bool = Field(False, description="Whether `pulumi destroy` may empty the buckets.")
    upload_origins: list[Origin] = Field([], description="Web origins whose pages may upload (CORS).")


class Malware(Section):
    """The malware gate: nothing is read before GuardDuty has scanned it."""

    gate: Literal["none", "guardduty"] = Field("none", description="Who scans uploads, if anyone.")
    timeout_seconds: int = Field(
        3600, ge=10, le=12 * 3600, description="How long a file waits for its verdict before it fails."
    )
    unscannable: Literal["reject", "accept"] = Field(
        "reject", description="What becomes of files that cannot be scanned, such as password-protected archives."
    )


class RowsTable(Section):
    """A table for rows."""

    prefix: str = Field(description="How the names of its files begin.")
    table: TableName = Field(description="Its name, in the schema `rows`.")
    columns: dict[ColumnName, ColumnType] = Field(
        min_length=1, description=f"Type of each column, by name: {', '.join(get_args(ColumnType))}."
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
        return _network(value, longest=16, shortest=16)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.max_storage_gb < self.storage_gb:
            raise ValueError(f"max_storage_gb is {self.max_storage_gb}, less than storage_gb, {self.storage_gb}")
        for what in ("prefix", "table"):
            names = [getattr(one, what) for one in self.rows]
            if len(set(names)) < len(names):
                raise ValueError(f"rows has a {what} twice")
        return self


class Delivery(Section):
    """The download links."""

    link_seconds: int = Field(24 * 3600, ge=60, le=7 * 24 * 3600, description="How long a link is valid.")
    # More days than a link is ever valid: the oldest key leaves when the next one comes.
    rotation_days: int = Field(90, ge=8, le=365, description="Days after which the key that signs links is changed.")
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = Field(
        "PriceClass_100", description="CloudFront's price class: which of its places serve the files."
    )
    domain: str | None = Field(None, description="Host name of the links, instead of CloudFront's own.")
    certificate_arn: str | None = Field(
        None, pattern=r"^arn:[\w-]+:acm:us-east-1:", description="Certificate for it, in us-east-1; needed with it."
    )

    @model_validator(mode="after")
    def _domain_has_certificate(self) -> Self:
        if (self.domain is None) != (self.certificate_arn is None):
            raise ValueError("domain and certificate_arn are given together or not at all")
        return self


class Firewall(Section):
    """The web application firewall (WAF) before the distribution (docs/edge.md)."""

    enabled: bool = Field(False, description="Whether there is one. It costs money by the month, used or not.")
    mode: Literal["block", "count"] = Field("block", description="Whether it refuses, or only counts what it would.")
    rate_limit: int = Field(
        2000, ge=10, le=2_000_000_000, description="Requests that one address may make within five minutes."
    )
    # The longest name makes a path of about 270; AWS's common rules refuse more than 1,024 as well.
    max_path_bytes: int = Field(512, ge=320, le=8 * KIB, description="Longest path.")
    # A signed link has about 180; the common rules refuse more than 2,048.
    max_query_bytes: int = Field(1024, ge=512, le=8 * KIB, description="Longest query string.")
    max_header_bytes: int = Field(
        4096, ge=1024, le=8 * KIB, description="Longest header; 200 headers or 8 KiB of them are always too many."
    )
    # WAF is shown no more than 16 KiB without a price of its own.
    max_body_bytes: int = Field(8 * KIB, ge=0, le=16 * KIB, description="Longest body.")
    groups: list[Group] = Field(
        [
            "AWSManagedRulesAmazonIpReputationList",
            "AWSManagedRulesCommonRuleSet",
            "AWSManagedRulesKnownBadInputsRuleSet",
        ],
        description="AWS's own rules that requests are held against.",
    )
    # Archives are named after uploads, and anybody may upload `server.log`.
    counted: list[Counted] = Field(
        ["AWSManagedRulesCommonRuleSet/RestrictedExtensions_URIPATH"],
        description="Rules of those, as `GROUP/RULE`, that only count.",
    )

    @model_validator(mode="after")
    def _counted_is_of_groups(self) -> Self:
        if len(set(self.groups)) < len(self.groups):
            raise ValueError("groups has a name twice")
        strange = {one.partition("/")[0] for one in self.counted} - set(self.groups)
        if strange and "counted" in self.model_fields_set:
            raise ValueError(f"counted names rules of {', '.join(sorted(strange))}, which groups does not have")
        return self


class Logs(Section):
    """The log groups."""

    retention_days: Retention = Field(30, description="Days for which logs are kept.")


class Notifications(Section):
    """Who hears how files ended."""

    emails: list[Address] = Field([], description="Addresses that get a mail for every file.")


class Alarms(Section):
    """Who hears that something is wrong."""

    emails: list[Address] = Field([], description="Addresses that get a mail for every alarm.")


class Iam(Section):
    """Who may do what."""

    boundary_arn: str | None = Field(
        None,
        pattern=r"^arn:[\w-]+:iam::\d{12}:policy/[\w+=,.@/-]+$",
        description="Permissions boundary for all roles; by default the stack makes its own.",
    )


class Protection(Section):
    """What must not be lost by accident."""

    deletion: bool = Field(True, description="Whether buckets, tables and keys are protected against deletion.")


class Settings(BaseModel):
    """Everything that may differ between stacks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    processing: Processing = Processing()
    images: Images = Images()
    tables: Tables = Tables()
    functions: Functions = Functions()
    network: Network = Network()
    vpn: Vpn = Vpn()
    storage: Storage = Storage()
    malware: Malware = Malware()
    catalogue: Catalogue = Catalogue()
    delivery: Delivery = Delivery()
    firewall: Firewall = Firewall()
    logs: Logs = Logs()
    notifications: Notifications = Notifications()
    alarms: Alarms = Alarms()
    iam: Iam = Iam()
    protection: Protection = Protection()

    @model_validator(mode="after")
    def _protected_is_not_deletable(self) -> Self:
        if self.protection.deletion and self.storage.deletable:
            raise ValueError("protection.deletion and storage.deletable contradict each other")
        if self.storage.lock_days is not None and self.storage.deletable:
            raise ValueError("storage.lock_days and storage.deletable contradict each other")
        return self

    @model_validator(mode="after")
    def _vpn_fits_network(self) -> Self:
        if not self.vpn.enabled:
            return self
        if self.vpn.zones > self.network.zones:
            raise ValueError(f"vpn.zones is {self.vpn.zones}, but network.zones is {self.network.zones}")
        if ipaddress.IPv4Network(self.vpn.client_cidr).overlaps(ipaddress.IPv4Network(self.network.cidr)):
            raise ValueError(f"vpn.client_cidr {self.vpn.client_cidr} overlaps network.cidr {self.network.cidr}")
        return self

    @model_validator(mode="after")
    def _catalogue_fits_network(self) -> Self:
        if not self.catalogue.enabled:
            return self
        if not self.functions.in_vpc:
            raise ValueError("catalogue.enabled needs functions.in_vpc: the database is reached from inside only")
        mine = ipaddress.IPv4Network(self.catalogue.cidr)
        others = {
            "network.cidr": self.network.cidr,
            **({"vpn.client_cidr": self.vpn.client_cidr} if self.vpn.enabled else {}),
        }
        for name, other in others.items():
            if mine.overlaps(ipaddress.IPv4Network(other)):
                raise ValueError(f"catalogue.cidr {self.catalogue.cidr} overlaps {name} {other}")
        return self


def load() -> Settings:
    """The settings of the stack that runs. Raises `SettingsError`."""
    raw = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
    return parse(raw, project=pulumi.get_project(), stack=pulumi.get_stack())


def parse(raw: Mapping[str, Any], *, project: str, stack: str) -> Settings:
    """`raw` is Pulumi's own map, `project:section` to JSON text, with others' namespaces. Raises `SettingsError`."""
    return read(Settings, raw, project=project, stack=stack)


def read(model: type[Model], raw: Mapping[str, Any], *, project: str, stack: str) -> Model:
    """As `parse`, for another program's settings."""
    values: dict[str, Any] = {}
    for full, text in sorted(raw.items()):
        namespace, _, key = full.partition(":")
        if namespace != project:
            continue
        try:
            values[key] = json.loads(text) if isinstance(text, str) else text
        except json.JSONDecodeError:
            values[key] = text
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = [_problem(detail, project, model) for detail in error.errors()]
    raise SettingsError("\n".join(f"Pulumi.{stack}.yaml: {problem}" for problem in problems))


def is_protected(environment: Mapping[str, str]) -> bool:
    """Whether the stack's setting protects it, of what the engine tells a policy pack in its environment.

    A stack of which nothing is known is protected: another program's, for one.
    """
    raw = json.loads(environment.get("PULUMI_CONFIG", "{}"))
    section = raw.get(f"{environment.get('PULUMI_PROJECT')}:protection", {})
    return Protection.model_validate(json.loads(section) if isinstance(section, str) else section).deletion


def sections() -> Iterator[tuple[str, type[Section]]]:
    """Each section's name and class, in order."""
    for name, info in Settings.model_fields.items():
        yield name, cast(type[Section], info.annotation)


def _network(text: str, *, longest: int, shortest: int) -> str:
    """`text`, if it is a network whose prefix has between `longest` and `shortest` bits."""
    try:
        prefix = ipaddress.IPv4Network(text).prefixlen
    except ValueError as error:
        raise ValueError(f"must be a network such as 10.0.0.0/{longest} ({error})") from None
    if not longest <= prefix <= shortest:
        sizes = f"/{longest} to /{shortest}" if shortest > longest else f"/{longest}"
        raise ValueError(f"must be a {sizes} (got {text!r})")
    return text


def _problem(detail: ErrorDetails, project: str, model: type[BaseModel]) -> str:
    path = ".".join(str(part) for part in detail["loc"])
    key, got, context = f"{project}:{path}", detail["input"], detail.get("ctx", {})
    known = {
        "greater_than_equal": "must be at least {ge}",
        "less_than_equal": "must be at most {le}",
        "literal_error": "must be one of {expected}",
        "model_type": "must be a map of settings",
        "string_pattern_mismatch": "does not look right",
    }
    match detail["type"]:
        case "extra_forbidden":
            return f"{key}: there is no such setting{_meant(detail['loc'], project, model)}"
        case "value_error":
            # A rule between settings: what it got is whole sections, which say nothing.
            return f"{key.removesuffix(':')}: {context['error']}"
        case kind:
            message = known.get(kind, f"{detail['msg'][:1].lower()}{detail['msg'][1:]}").format(**context)
            return f"{key}: {message} (got {got!r})"


def _meant(location: tuple[int | str, ...], project: str, model: type[BaseModel]) -> str:
    section = model
    for part in location[:-1]:
        inner = section.model_fields[part].annotation if isinstance(part, str) else section
        # Of a list of maps the maps are meant.
        section = cast(type[BaseModel], next(iter(get_args(inner)), inner))
    known = list(section.model_fields)
    close = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    if not close:
        return f"; there are {', '.join(known)}"
    return f"; did you mean {project}:{'.'.join([*map(str, location[:-1]), close[0]])}?"
