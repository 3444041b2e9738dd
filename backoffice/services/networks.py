"""Addresses of visitors: whose they are behind proxies, and whether networks that somebody named hold them."""

import ipaddress
from collections.abc import Collection, Sequence

from backoffice.settings import settings


def client_address(peer: str, forwarded: Sequence[str]) -> str:
    """Say where a request came from; forwarded addresses count only behind as many proxies as we know of.

    `forwarded` are the lines of X-Forwarded-For; the last address is the nearest proxy's word.
    """
    hops = settings().trusted_proxy_hops
    parts = [part.strip() for part in ",".join(forwarded).split(",") if part.strip()]
    return parts[-hops] if hops and len(parts) >= hops else peer


def network_of(ip: str) -> str:
    """Name the network that an address belongs to: /24 of IPv4, /48 of IPv6; nothing for what is no address."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None) or address
    return str(ipaddress.ip_network(f"{mapped}/{24 if mapped.version == 4 else 48}", strict=False))  # noqa: PLR2004 of IP


def is_within(ip: str, networks: Collection[str]) -> bool:
    """Compare as addresses; an IPv4 address that arrives inside IPv6 counts as IPv4."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in ipaddress.ip_network(network) for network in networks)
