"""Manufacturers' names, folded so that one company is one word however a source writes it."""

import re
from functools import lru_cache
from typing import Final

from devreg.domain.identifiers import is_filler

_FORMS: Final = frozenset(
    {
        "inc", "incorporated", "incorporation", "corp", "corporation", "co", "company", "ltd", "limited", "llc", "llp", "lp", "plc",
        "gmbh", "ag", "kg", "kgaa", "oy", "oyj", "ab", "abp", "as", "asa", "aps", "sa", "sas", "sarl", "srl", "spa", "nv", "bv",
        "kk", "pte", "pty", "sdn", "bhd", "tbk", "pt", "group", "holding", "holdings",
        "electronics", "technology", "technologies", "computer", "computers", "systems", "networks", "international",
    }
)  # fmt: skip
"""Legal forms, and what a company says of its trade: dropped from the end of a name, never all of it."""
_MAKERS: Final = {
    "hewlettpackard": "hp", "hewlettpackardenterprise": "hpe", "arubaahewlettpackardenterprise": "aruba", "hpearuba": "aruba",
    "hpearubanetworking": "aruba", "dellemc": "dell", "asustek": "asus", "hmdglobal": "nokia", "americanpowerconversion": "apc",
    "schneiderelectric": "apc", "fujitsuclientcomputing": "fujitsu", "fujitsusiemens": "fujitsu", "fujitsutechnologysolutions": "fujitsu",
    "microstar": "msi", "seikoepson": "epson", "kyoceradocumentsolutions": "kyocera", "motorolamobility": "motorola",
    "intelrclient": "intel", "intelr": "intel", "brotherindustries": "brother",
    "lenovobeijing": "lenovo",
}  # fmt: skip
"""What dropping endings can't do: other names of one maker. HP and Hewlett Packard Enterprise are two."""


@lru_cache(maxsize=4096)
def maker(text: str | None) -> str | None:
    """A manufacturer's name folded so that `LENOVO`, `Lenovo` and `Lenovo Group Ltd.` are one; None when not said."""
    if not text or is_filler(text):
        return None
    words = re.findall(r"[^\W_]+", re.sub(r"\b(\w)\.(?=\w\b)|\b(\w)/(?=\w\b)", r"\1\2", text.casefold()))
    while len(words) > 1 and words[-1] in _FORMS:
        words.pop()
    bare = "".join(words)
    return _MAKERS.get(bare, bare) or None
