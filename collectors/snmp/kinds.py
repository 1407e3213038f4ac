"""What kind of device it is: a table that only such devices have, then its vendor's patterns and usual kind, then what it forwards."""

from typing import Final

from collectors.snmp.vendors import Rules, Vendor
from devreg.domain.device import Kind

_BRIDGE: Final = 2
_ROUTE: Final = 4
_TRANSPORT: Final = 8
"""Bits of sysServices: layers 2, 3 and 4; a host has the last one too."""


def known_kind(rules: Rules, vendor: Vendor | None, text: str, *, has_ups: bool = False) -> Kind | None:
    """The kind that rules find in model, sysDescr and sysObjectID, the vendor's own first; None where nothing is said."""
    own = _named(vendor, text)
    if own is not None:
        return own
    if has_ups:
        return Kind.UPS
    if vendor is not None and vendor.kind is not None:
        return vendor.kind
    return _named(rules.anybody, text)


def _named(vendor: Vendor | None, text: str) -> Kind | None:
    return next((kind for pattern, kind in vendor.kinds if pattern.search(text)), None) if vendor is not None else None


def forwarding_kind(services: int, *, is_bridge: bool) -> Kind | None:
    """The kind that its work on the network makes it; None for a host."""
    lower_layers_only = services < _TRANSPORT
    if is_bridge or (services & _BRIDGE and lower_layers_only):
        return Kind.SWITCH
    return Kind.ROUTER if services & _ROUTE and lower_layers_only else None
