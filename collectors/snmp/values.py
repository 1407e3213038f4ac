"""pysnmp's values and requests as plain Python, and back."""

from collections.abc import Iterable
from typing import Any, Final

from pysnmp.proto import rfc1902, rfc1905

from collectors.snmp.wire import Missing, Oid, Value, VarBind

_END: Final = rfc1905.EndOfMibView.tagSet
_NO_SUCH: Final = (rfc1905.NoSuchObject.tagSet, rfc1905.NoSuchInstance.tagSet)
_TEXTS: Final = (rfc1902.OctetString.tagSet, rfc1902.IpAddress.tagSet, rfc1902.Opaque.tagSet, rfc1902.Bits.tagSet)
_NAME: Final = rfc1902.ObjectName.tagSet
_NULL: Final = rfc1902.Null.tagSet


def plain(var_binds: Iterable[tuple[Any, Any]]) -> list[VarBind]:
    """An answer's varbinds in wire order."""
    return [VarBind(_oid(name), _value(value)) for name, value in var_binds]


def _oid(name: Any) -> Oid:
    return tuple(int(arc) for arc in name)


def _value(value: Any) -> Value:
    tags = value.tagSet
    if tags in _TEXTS:
        return bytes(value)
    if tags == _NAME:
        return _oid(value)
    if tags == _END:
        return Missing.END_OF_VIEW
    if tags in _NO_SUCH:
        return Missing.NO_SUCH
    return None if tags == _NULL else int(value)
