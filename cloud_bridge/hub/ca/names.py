"""Hosts in certificates: names and addresses, and what a CA may vouch for (RFC 5280, 4.2.1.10)."""

import re
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

from cryptography import x509

from cloud_bridge.hub.errors import HubError

_DNS_NAME: Final = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}")
"""Lower case, as certificates compare them; a name in another script comes as its A-label."""


class BadName(HubError):
    """What was given names no host, or none that this CA may vouch for."""


def host(text: str) -> x509.GeneralName:
    """A DNS name or an address.

    Raises:
        BadName: it is neither.
    """
    address = _address(text)
    return x509.DNSName(_dns_name(text)) if address is None else x509.IPAddress(address)


def subtree(text: str) -> x509.GeneralName:
    """A domain with all below it, an address, or a network.

    Raises:
        BadName: it is none of these.
    """
    network = _network(text)
    return x509.DNSName(_dns_name(text)) if network is None else x509.IPAddress(network)


def check_permitted(ca: x509.Certificate, hosts: Iterable[str]) -> None:
    """See that `ca` may vouch for each of `hosts`, which every client will see to.

    Raises:
        BadName: names the first that it may not.
    """
    try:
        constraints = ca.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return
    permitted = constraints.permitted_subtrees or []
    for each in hosts:
        if not any(_is_below(each, one) for one in permitted):
            known = ", ".join(str(one.value) for one in permitted)
            msg = f"this CA may not vouch for {each}, only for {known} (`ca init --domain`)"
            raise BadName(msg)


def _is_below(text: str, permitted: x509.GeneralName) -> bool:
    address = _address(text)
    if isinstance(permitted, x509.IPAddress):
        network = permitted.value
        if address is None or not isinstance(network, IPv4Network | IPv6Network):
            return False
        return address in network
    domain = str(permitted.value)
    return address is None and (text == domain or text.endswith(f".{domain}"))


def _dns_name(text: str) -> str:
    if not _DNS_NAME.fullmatch(text) or len(text) > 253:  # noqa: PLR2004 - RFC 1035, 2.3.4
        msg = f"{text!r} is no DNS name in lower case, no address and no network"
        raise BadName(msg)
    return text


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None
