"""Folding for search and ordering for people: Finnish and Swedish put å ä ö after z."""

import unicodedata
from typing import Final

_LAST: Final = {"å": "{a", "ä": "{b", "ö": "{c", "æ": "{b", "ø": "{c"}
"""`{` follows `z` in ASCII, so both database engines order these by plain bytes."""


def fold(text: str) -> str:
    """Text for searching: case and accents gone (`Mäntymäki` -> `mantymaki`)."""
    if text.isascii():  # most of it is, and nothing of that is ever decomposed
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def sort_key(text: str) -> str:
    """Text whose byte order is the Finnish and Swedish alphabetical order: case ignored, å ä ö last, other accents ignored."""
    if text.isascii():
        return text.lower()
    return "".join(_LAST.get(c) or fold(c) for c in unicodedata.normalize("NFC", text.casefold()))
