"""Finnish personal identity codes in free text: masked before anything is stored or logged (safety.md 29).

Form: day of birth, century sign, individual number, control character; `Y` to `U` and `B` to `F` are the signs added in 2023.
Source: act 661/2009 sections 11 and 11 a.
"""

import re
from typing import Any, Final

from stdnum.fi import hetu

MASK: Final = "******-****"
"""Nothing of the code is kept: the day of birth and a name already tell who it is."""
EXEMPT: Final = frozenset({"serial", "serialNumber", "order_number", "orderNumber", "contract.number"})
"""Names of what holds an identifier whatever the source: a serial number is no free text, and must never be mangled."""
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2212"
"""What word processors make of a hyphen."""
_SIGN: Final = rf"(?:[-+A-FU-Ya-fu-y{_DASHES}]|\\u2(?:01[0-3]|212))"
_LIKELY: Final = re.compile(rf"(?<![0-9A-Za-z])([0-9]{{6}})\s?({_SIGN})\s?([0-9]{{3}}[0-9A-Ya-y])(?![0-9A-Za-z])")
_CLOSE: Final = re.compile(rf"[0-9]{{6}}\s?{_SIGN}\s?[0-9]{{3}}[0-9A-Ya-y](?![0-9A-Za-z])")
"""What comes before is left open, because in JSON it may be the letter of an escape."""
_LONGEST: Final = 24
"""Bytes of a code with an escaped sign and blanks around it, and of the character after it."""

_DIGITS: Final = b"0123456789"
_LINKS: Final = frozenset(b"+-ABCDEFUVWXYabcdefuvwxy\\ \t") | frozenset(range(0x80, 0x100))
_SHAPES: Final = bytes(ord("0") if c in _DIGITS else ord("-") if c in _LINKS else ord(" ") for c in range(256))
"""Every digit to 0, everything that may stand between the day and the number to -."""


def may_hold_code(text: bytes) -> bool:
    """Whether UTF-8 text could hold a code, and now and then where it holds none; a tenth of the pattern's time.

    A third of all records with GUIDs have the shape somewhere, so the shape alone does not decide.
    """
    shape = text.translate(_SHAPES)
    at = shape.find(b"000000-")
    while at >= 0:
        if _CLOSE.match(text[at : at + _LONGEST].decode("utf-8", "ignore")):
            return True
        at = shape.find(b"000000-", at + 1)
    return False


def masked(text: str) -> str:
    """The text with every valid code in it masked; what only looks like one stays as it is."""
    return _LIKELY.sub(_masked, text)


def without_codes(value: Any, name: str = "") -> tuple[Any, int]:
    """A JSON value with every code in its texts masked, but for identifiers; and how many texts held one."""
    match value:
        case str() if name not in EXEMPT:
            text = masked(value)
            return text, int(text != value)
        case dict():
            parts = {masked(str(key)): without_codes(each, str(key)) for key, each in value.items()}
            return {key: kept for key, (kept, _) in parts.items()}, sum(found for _, found in parts.values())
        case list() | tuple():
            items = [without_codes(each, name) for each in value]
            return [kept for kept, _ in items], sum(found for _, found in items)
        case _:
            return value, 0


def _masked(found: re.Match[str]) -> str:
    day, sign, rest = found.groups()
    code = f"{day}{sign if len(sign) == 1 and sign not in _DASHES else '-'}{rest}"
    return MASK if hetu.is_valid(code, allow_temporary=True) else found[0]
