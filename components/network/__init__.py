"""Network: a VPC that the functions can be put into, with endpoints instead of ways out where that is possible."""

from components.naming import Names
from components.network.component import Network, NetworkArgs
from components.place import Place
from components.roles import Roles
from components.settings import Settings
from components.storage import SecureStorage

__all__ = ["Network", "NetworkArgs", "make_network"]


def make_network(names: Names, place: Place, roles: Roles, storage: SecureStorage, wanted: Settings) -> Network:
    """The network as the stack's settings want it."""
    return Network(
        "network",
        NetworkArgs(
            names=names,
            place=place,
            roles=roles,
            network=wanted.network,
            functions_inside=wanted.functions.in_vpc,
            operators_inside=wanted.vpn.enabled,
            logs_key=storage.logs_key,
            retention_days=wanted.logs.retention_days,
        ),
    )
