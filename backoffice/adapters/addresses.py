"""Which addresses on the internet a partner may make us call: public ones, and nothing that leads back inside."""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

GLOBAL_V6 = IPv6Network("2000::/3")
DENIED_V6 = tuple(
    IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "64:ff9b::/96", "64:ff9b:1::/48")
)
"""Teredo, ORCHID and benchmarks, documentation, 6to4, NAT64 (RFC 6890 and later): tunnels may end anywhere."""
DENIED_V4 = tuple(IPv4Network(network) for network in ("192.88.99.0/24", "240.0.0.0/4", "224.0.0.0/4", "0.0.0.0/8"))


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public internet; `ipaddress.is_global` alone lets tunnels through."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        return is_public_v4(parsed.ipv4_mapped) if parsed.ipv4_mapped else _is_public_v6(parsed)
    return is_public_v4(parsed)


def is_public_v4(address: IPv4Address) -> bool:
    """Tell whether an IPv4 address is public: not private, loopback, link-local, CGNAT, multicast or class E."""
    return address.is_global and not any(address in network for network in DENIED_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    return address in GLOBAL_V6 and address.is_global and not any(address in network for network in DENIED_V6)


def as_address(host: str) -> str | None:
    """Read a host the way the system's resolver would: `2130706433`, `0x7f.1` and `017700000001` are addresses, too."""
    try:
        return str(ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None
