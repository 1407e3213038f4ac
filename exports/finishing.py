"""What openpyxl can't write, added to the finished file in one pass: charts' descriptions and formulas' results."""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from exports.formulas import Result

_DRAWING: Final = re.compile(r"xl/drawings/drawing(\d+)\.xml")
_FRAME: Final = re.compile(rb"(<(?:\w+:)?cNvPr\b[^>]*?)(\s*/?>)")
_FORMULA: Final = re.compile(rb"<c ([^>]*)>(<f>[^<]*</f>)<v ?/?>(?:</v>)?</c>")


def finish(book: Path, alt_texts: Sequence[str], results: Mapping[int, Sequence[Result]]) -> None:
    """Give the charts of a workbook their descriptions, in the order they were placed sheet by sheet, and its formulas
    their results, by the sheet's number from 1 on and in the order they were written.

    Without results only a spreadsheet that calculates shows a number; viewers, pandas and BI tools read what is stored.
    """
    if not alt_texts and not results:
        return
    left = iter(alt_texts)
    bare = book.with_name(f"{book.name}.bare")
    book.replace(bare)
    try:
        with zipfile.ZipFile(bare) as old, zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as new:
            drawings = sorted((name for name in old.namelist() if _DRAWING.fullmatch(name)), key=_number)
            changed = {name: _described(old.read(name), left) for name in drawings}
            for sheet, values in results.items():
                name = f"xl/worksheets/sheet{sheet}.xml"
                changed[name] = _calculated(old.read(name), iter(values))
            for item in old.infolist():
                new.writestr(item, changed.get(item.filename) or old.read(item), zipfile.ZIP_DEFLATED)
    finally:
        bare.unlink()


def _number(drawing: str) -> int:
    found = _DRAWING.fullmatch(drawing)
    return int(found[1]) if found else 0


def _described(xml: bytes, texts: Iterator[str]) -> bytes:
    return _FRAME.sub(lambda m: m[1] + b" descr=" + quoteattr(next(texts, "")).encode() + m[2], xml)


def _calculated(xml: bytes, results: Iterator[Result]) -> bytes:
    def with_result(match: re.Match[bytes]) -> bytes:
        result = next(results)
        kind, text = (b' t="str"', escape(result)) if isinstance(result, str) else (b"", repr(result))
        return b"<c " + match[1] + kind + b">" + match[2] + b"<v>" + text.encode() + b"</v></c>"

    return _FORMULA.sub(with_result, xml)
