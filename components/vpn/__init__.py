"""Client VPN: how operators reach the private subnets, each with a certificate of their own."""

from components.network.component import Inside
from components.settings import Vpn as VpnSettings
from components.storage import SecureStorage
from components.vpn.component import Vpn, VpnArgs

__all__ = ["Vpn", "VpnArgs", "make_vpn"]


def make_vpn(
    inside: Inside, storage: SecureStorage, vpn: VpnSettings, *, retention_days: int, protected: bool
) -> Vpn | None:
    """The VPN, if the stack's settings want one."""
    if not vpn.enabled:
        return None
    return Vpn(
        "vpn",
        VpnArgs(
            inside=inside,
            vpn=vpn,
            logs_key=storage.logs_key,
            secrets_key=storage.secrets_key,
            retention_days=retention_days,
            protected=protected,
        ),
    )
