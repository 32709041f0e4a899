"""Whose the VPC's addresses are: a quarter of them for each kind of subnet, the last quarter for what may come."""

import ipaddress
from typing import Literal

Kind = Literal["private", "isolated", "public"]
KINDS: tuple[Kind, ...] = ("private", "isolated", "public")


def quarter(cidr: str, kind: Kind) -> str:
    """All addresses that subnets of a kind may have."""
    return str(list(ipaddress.IPv4Network(cidr).subnets(prefixlen_diff=2))[KINDS.index(kind)])


def block(cidr: str, kind: Kind, index: int) -> str:
    """The addresses of a kind's subnet in zone number `index`, a sixteenth of all."""
    return str(list(ipaddress.IPv4Network(quarter(cidr, kind)).subnets(prefixlen_diff=2))[index])


def resolver(cidr: str) -> str:
    """The VPC's own DNS resolver: the third address, whatever subnet it lies in."""
    return str(ipaddress.IPv4Network(cidr)[2])
