"""Names that a spreadsheet accepts for sheets, tables and columns."""

import re
from collections.abc import Iterable, Sequence

from exports.cells import inert


def sheet_name(name: str, taken: Iterable[str] = ()) -> str:
    """A name a worksheet can have: at most 31 characters, none of []:*?/\\, no apostrophe at an end, unlike all taken (casefolded)."""
    clean = re.sub(r"[\[\]:*?/\\\n\t]+", " ", inert(name).text).strip().strip("'").strip() or "-"
    if clean.casefold() == "history":  # Excel keeps this one for itself
        clean = "History -"
    return _unique(clean, set(taken), 31, " ")


def sheet_names(names: Iterable[str]) -> list[str]:
    """Names for the worksheets of one workbook, all different."""
    given: list[str] = []
    for name in names:
        given.append(sheet_name(name, {other.casefold() for other in given}))
    return given


def table_name(name: str, taken: Iterable[str] = ()) -> str:
    """A name a table can have: letters, digits and _, not like a cell's address, unlike all taken (casefolded)."""
    clean = re.sub(r"\W+", "_", inert(name).text).strip("_")
    if not clean or clean[0].isdigit() or re.fullmatch(r"[A-Za-z]{1,3}\d+|[RrCc](\d+([CcRr]\d*)?)?", clean):
        clean = f"T_{clean}"
    return _unique(clean, set(taken), 255, "_")


def table_headers(headers: Sequence[str], where: str) -> list[str]:
    """The headers as a table stores them. Raises ValueError when one is empty or two are alike."""
    kept = [" ".join(re.findall(r"[^ \t\r\n]+", inert(header).text)) for header in headers]
    folded = [header.casefold() for header in kept]
    wrong = [header for header, key in zip(kept, folded, strict=True) if not key or folded.count(key) > 1]
    if wrong or not kept:
        raise ValueError(f"headers of the table on sheet {where} must be there and differ: {sorted(set(wrong))}")
    return kept


def _unique(name: str, taken: set[str], limit: int, joint: str) -> str:
    candidate, n = name[:limit].rstrip(), 1
    while candidate.casefold() in taken:
        n += 1
        tail = f"{joint}{n}"
        candidate = name[: limit - len(tail)].rstrip() + tail
    return candidate
