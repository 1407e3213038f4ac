"""Foreign text comes in through `clean`: one door, so that no source can smuggle control bytes anywhere."""

import re
import unicodedata

from devreg.domain.personal_codes import masked
from devreg.domain.sorting import fold, sort_key

__all__ = ["clean", "evidence", "fold", "marked", "masked", "sort_key", "storable", "typed"]

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufffe\uffff]")
_MAX = 1_000


def clean(text: object, limit: int = _MAX) -> str | None:
    """Outside text made fit to keep: NFC, trimmed, without control, bidi or zero-width characters; None when nothing is left.

    Line breaks and tabs become spaces, inner runs of blanks one space; more than `limit` characters are cut.
    """
    if not isinstance(text, str):
        return None
    if text.isprintable():  # most text there is; the long way is ten times slower
        normal = text if text.isascii() else unicodedata.normalize("NFC", text)
        return " ".join(normal.split())[:limit] or None
    kept = "".join(
        " " if c in "\t\r\n" else c for c in text if c in "\t\r\n" or unicodedata.category(c) not in {"Cc", "Cs"}
    )
    normal = unicodedata.normalize("NFC", _INVISIBLE.sub("", kept))
    return " ".join(normal.split())[:limit] or None


def storable(text: str) -> str:
    """Foreign text kept as evidence, with what no database takes (NUL, halves of surrogate pairs) marked."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def evidence(text: str) -> str:
    """What is kept or logged of foreign text that nothing else has looked at: storable, personal identity codes masked."""
    return storable(masked(text))


def typed(text: str | None) -> str | None:
    """What a person typed, fit to keep: clean, personal identity codes masked; None when nothing is left."""
    return masked(clean(text) or "") or None


def marked(text: str) -> str:
    """Text for a screen with every character that could act on a terminal shown as a visible mark.

    The second line of defence behind `clean`, for text that never went through it (error bodies, file names).
    """
    return "".join(_mark(c) for c in text)


def _mark(char: str) -> str:
    if char in "\t\r\n":
        return " "
    if unicodedata.category(char) in {"Cc", "Cs"} or _INVISIBLE.match(char):
        return "\N{REPLACEMENT CHARACTER}"
    return char
