"""Network: the VPC that functions can be put into."""

from components.network.component import Network, NetworkArgs

__all__ = ["Network", "NetworkArgs"]
