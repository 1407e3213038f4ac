"""Descriptions of charts for those who can't see them; openpyxl writes none, so they are added to the finished file."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

_DRAWING = re.compile(r"xl/drawings/drawing(\d+)\.xml")
_FRAME = re.compile(rb"(<(?:\w+:)?cNvPr\b[^>]*?)(\s*/?>)")


def describe_charts(book: Path, texts: Sequence[str]) -> None:
    """Give the charts of a workbook their descriptions, in the order they were placed sheet by sheet."""
    if not texts:
        return
    left = iter(texts)
    bare = book.with_name(f"{book.name}.bare")
    book.replace(bare)
    try:
        with zipfile.ZipFile(bare) as old, zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as new:
            drawings = sorted((name for name in old.namelist() if _DRAWING.fullmatch(name)), key=_number)
            described = {name: _described(old.read(name), left) for name in drawings}
            for item in old.infolist():
                new.writestr(item, described.get(item.filename) or old.read(item), zipfile.ZIP_DEFLATED)
    finally:
        bare.unlink()


def _number(drawing: str) -> int:
    found = _DRAWING.fullmatch(drawing)
    return int(found[1]) if found else 0


def _described(xml: bytes, texts: Iterator[str]) -> bytes:
    return _FRAME.sub(lambda m: m[1] + b" descr=" + quoteattr(next(texts, "")).encode() + m[2], xml)
