"""The API: its document, the gateway that is derived from it, the functions behind it, and who may sign in (ADR 14)."""

from components.api.component import Api, ApiArgs
from components.api.gateway import Gateway, GatewayArgs
from components.distribution import Distribution
from components.function import Home
from components.ledger import Ledger
from components.settings import Settings
from components.storage import SecureStorage

__all__ = ["Api", "Gateway", "make_api", "make_gateway"]


def make_gateway(home: Home, wanted: Settings) -> Gateway | None:
    """The gateway, if the stack's settings want an API."""
    if not wanted.api.enabled:
        return None
    return Gateway("gateway", GatewayArgs(home=home, api=wanted.api, protected=wanted.protection.deletion))


def make_api(
    home: Home,
    storage: SecureStorage,
    ledger: Ledger,
    gateway: Gateway | None,
    distribution: Distribution,
    wanted: Settings,
) -> Api | None:
    """What answers behind the gateway, if there is one."""
    if gateway is None:
        return None
    return Api(
        "api",
        ApiArgs(
            home=home,
            storage=storage,
            ledger=ledger,
            gateway=gateway,
            distribution=distribution,
            api=wanted.api,
            max_file_bytes=wanted.processing.max_file_bytes,
            protected=wanted.protection.deletion,
        ),
    )
