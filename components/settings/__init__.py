"""The settings of a stack: read once, typed, documented, refused with the key and the file when they are wrong.

A module for each theme; the reference in `docs/settings.md` is made from them.
"""

from components.settings.api import Api, Client
from components.settings.base import GIB, KIB, MIB, Address, Section
from components.settings.catalogue import Catalogue, RowsTable
from components.settings.edge import Delivery, Firewall, Group
from components.settings.files import Archives, DeclaredTable, Images, Malware, Processing, Tables
from components.settings.loading import SettingsError, is_protected, load, parse, read
from components.settings.networks import Network, Vpn
from components.settings.operations import Alarms, Functions, Iam, Logs, Notifications, Protection, Storage
from components.settings.page import Page
from components.settings.stack import Settings, sections

__all__ = [
    "GIB",
    "KIB",
    "MIB",
    "Address",
    "Alarms",
    "Api",
    "Archives",
    "Catalogue",
    "Client",
    "DeclaredTable",
    "Delivery",
    "Firewall",
    "Functions",
    "Group",
    "Iam",
    "Images",
    "Logs",
    "Malware",
    "Network",
    "Notifications",
    "Page",
    "Processing",
    "Protection",
    "RowsTable",
    "Section",
    "Settings",
    "SettingsError",
    "Storage",
    "Tables",
    "Vpn",
    "is_protected",
    "load",
    "parse",
    "read",
    "sections",
]
