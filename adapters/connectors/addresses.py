"""What an IP address is: one of this host, of the public internet, or of what nobody reaches by a name."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Addresses that carry another one inside, behind which a translator may reach anything.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TRANSLATED = (
    _NAT64,
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2001::/32"),
    ipaddress.ip_network("2002::/16"),
)
# Where clouds tell a machine about itself, its credentials among it. Link-local ones are known by their kind.
_METADATA = frozenset(ipaddress.ip_address(it) for it in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16"))


def is_loopback(address: str) -> bool:
    """Tell whether an IP address, in text, is one of this host."""
    return _parsed(address).is_loopback


def is_public(address: str) -> bool:
    """Tell whether an IP address, in text, is one of the public internet, and stands for no other one."""
    found = _unmapped(_parsed(address))
    if any(found in network for network in _TRANSLATED) or found in _METADATA:
        return False
    is_odd = found.is_multicast or found.is_reserved or found.is_unspecified or getattr(found, "is_site_local", False)
    return found.is_global and not is_odd


def is_nobodys(address: str) -> bool:
    """Tell whether no external system is ever there, not even one of a private network."""
    found = _carried(_parsed(address))
    is_odd = found.is_link_local or found.is_multicast or found.is_unspecified or found in _METADATA
    is_known = found.is_loopback or any(found in network for network in _TRANSLATED)
    return is_odd or (found.is_reserved and not is_known)


def _parsed(address: str) -> Address:
    return ipaddress.ip_address(address.partition("%")[0])


def _unmapped(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped


def _carried(address: Address) -> Address:
    """Return the address inside, where it can be told."""
    found = _unmapped(address)
    if not isinstance(found, ipaddress.IPv6Address):
        return found
    if found in _NAT64:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.sixtofour or (found.teredo[1] if found.teredo else found)
