"""Network: a VPC that the functions can be put into, with endpoints instead of ways out where that is possible."""

from components.network.component import Network, NetworkArgs

__all__ = ["Network", "NetworkArgs"]
