"""All settings of a stack, and what has to hold between them."""

import ipaddress
from collections.abc import Iterator
from typing import Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from components import declared
from components.settings.api import Api
from components.settings.base import Section
from components.settings.catalogue import Catalogue, RowsTable
from components.settings.edge import Delivery, Firewall
from components.settings.files import Archives, Images, Malware, Processing, Tables
from components.settings.networks import Network, Vpn
from components.settings.operations import Alarms, Functions, Iam, Logs, Notifications, Protection, Storage
from components.settings.page import Page

RATE_MINUTES = 5
"""For how long the firewall counts an address's requests."""


class Settings(BaseModel):
    """Everything that may differ between stacks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    processing: Processing = Processing()
    images: Images = Images()
    tables: Tables = Tables()
    archives: Archives = Archives()
    functions: Functions = Functions()
    network: Network = Network()
    vpn: Vpn = Vpn()
    storage: Storage = Storage()
    malware: Malware = Malware()
    catalogue: Catalogue = Catalogue()
    delivery: Delivery = Delivery()
    firewall: Firewall = Firewall()
    api: Api = Api()
    page: Page = Page()
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

    @model_validator(mode="after")
    def _firewall_lets_in_what_plans_allow(self) -> Self:
        allowed = RATE_MINUTES * self.api.requests_per_minute
        if self.firewall.enabled and self.api.enabled and self.api.clients and self.firewall.rate_limit < allowed:
            raise ValueError(
                f"firewall.rate_limit {self.firewall.rate_limit} refuses clients that keep to api.requests_per_minute "
                f"{self.api.requests_per_minute}; it has to be {allowed} at least"
            )
        return self

    @model_validator(mode="after")
    def _rows_have_columns(self) -> Self:
        if self.catalogue.enabled and self.rows_tables() and self.tables.results == "parquet":
            raise ValueError("catalogue.rows needs tables.results to be both or clean: rows are copied from the text")
        return self

    def rows_tables(self) -> list[RowsTable]:
        """The catalogue's tables for rows. One without columns of its own has those that its files must have."""
        return [table if table.columns else self._as_declared(table) for table in self.catalogue.rows]

    def _as_declared(self, table: RowsTable) -> RowsTable:
        fitting = [each for each in self.tables.declared if table.prefix.startswith(each.prefix)]
        if not fitting:
            raise ValueError(
                f"catalogue.rows: {table.table} has no columns, and tables.declared has none for {table.prefix!r}"
            )
        found = max(fitting, key=lambda each: len(each.prefix)).found
        try:
            return RowsTable(prefix=table.prefix, table=table.table, columns=declared.of_postgres(found))
        except ValidationError as error:
            first = error.errors()[0]
            column = "".join(f" {part}" for part in first["loc"][1:2])
            raise ValueError(f"catalogue.rows: {table.table}: column{column}: {first['msg']}") from None


def sections() -> Iterator[tuple[str, type[Section]]]:
    """Each section's name and class, in order."""
    for name, info in Settings.model_fields.items():
        yield name, cast(type[Section], info.annotation)
