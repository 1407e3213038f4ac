"""Labels for devices: sheets to print as PDF, or the bare code of one tag for whoever draws labels elsewhere.

The code is a QR code, which phones and scanners read alike (they don't read Micro QR), and says the tag and nothing else: a scanner
that types is then as good as the keyboard.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import segno
from fpdf import FPDF

from devreg.errors import Misconfigured
from devreg.labels import Labels
from exports.files import replacing

_MARGIN_MM: Final = 1.2
_WIDEST: Final = 0.5
"""Share of a label's width that the code may take."""
_QUIET: Final = 4
"""Light modules around a QR code that readers need (ISO/IEC 18004)."""
_MM_PER_POINT: Final = 25.4 / 72
_LARGEST_PT: Final = 14.0
_SMALL_PT: Final = 6.5
_SMALLEST_PT: Final = 4.5
_STROKED: Final = {"đ": "d", "Đ": "D", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T"}
"""Sámi letters that are no letter with a mark."""
_CODES: Final = (".svg", ".png")


class Label(msgspec.Struct, frozen=True):
    """What stands on one label."""

    tag: str
    serial: str | None = None


def write(labels: Sequence[Label], options: Labels, out: Path, *, skip: int = 0) -> int:
    """Write the labels; how many pages. `skip` leaves out that many of the first sheet, which were used before.

    FILE.pdf holds sheets of labels, FILE.svg or FILE.png the code of a single tag. Raises as `exports.files.replacing`.
    """
    if out.suffix.lower() == ".pdf":
        return _sheets(labels, options, out, skip)
    if out.suffix.lower() not in _CODES:
        raise Misconfigured(f"{out.name}: labels are written as .pdf, a single code also as .svg or .png.")
    if len(labels) != 1:
        raise Misconfigured(
            f"{out.name} holds one code, not {len(labels)}.", next_step="Write sheets of labels as .pdf."
        )
    with replacing(out) as part:
        _code(labels[0].tag).save(str(part), kind=out.suffix[1:].lower(), scale=8, border=_QUIET)
    return 1


def _code(tag: str) -> segno.QRCode:
    return segno.make_qr(tag, error="m")


def _sheets(labels: Sequence[Label], options: Labels, out: Path, skip: int) -> int:
    per_page = options.columns * options.rows
    if not 0 <= skip < per_page:
        raise Misconfigured(f"{skip} labels can't be skipped: a page has {per_page}.")
    page = FPDF(unit="mm", format=(options.page_width, options.page_height))
    page.set_auto_page_break(auto=False)
    page.set_margin(0)
    page.c_margin = 0
    page.set_title("devreg")
    for place, label in enumerate(labels, skip):
        if place == skip or place % per_page == 0:
            page.add_page()
        row, column = divmod(place % per_page, options.columns)
        _draw(page, label, options, *_corner(options, row, column))
    with replacing(out) as part:
        page.output(str(part))
    return page.page


def _corner(options: Labels, row: int, column: int) -> tuple[float, float]:
    """Where a label begins, from the page's upper left corner."""
    across = options.columns * options.width + (options.columns - 1) * options.column_gap
    down = options.rows * options.height + (options.rows - 1) * options.row_gap
    left = (options.page_width - across) / 2 if options.left is None else options.left
    top = (options.page_height - down) / 2 if options.top is None else options.top
    return left + column * (options.width + options.column_gap), top + row * (options.height + options.row_gap)


def _draw(page: FPDF, label: Label, options: Labels, left: float, top: float) -> None:
    side = min(options.height - 2 * _MARGIN_MM, options.width * _WIDEST)
    _draw_code(page, label.tag, left + _MARGIN_MM, top + (options.height - side) / 2, side)
    text = left + _MARGIN_MM + side
    width = left + options.width - _MARGIN_MM - text
    lines = [(_plain(label.tag), "B", _LARGEST_PT)]
    lines += [(_plain(said), "", _SMALL_PT) for said in (options.owner, label.serial) if said]
    fitted = [(said, style, _fitting(page, said, style, points, width)) for said, style, points in lines]
    heights = [points * _MM_PER_POINT * 1.25 for _, _, points in fitted]
    y = top + (options.height - sum(heights)) / 2
    for (said, style, points), height in zip(fitted, heights, strict=True):
        page.set_font("Helvetica", style, points)
        page.set_xy(text, y)
        page.cell(width, height, _cut(page, said, width))
        y += height


def _draw_code(page: FPDF, tag: str, left: float, top: float, side: float) -> None:
    """Dark modules as bars, a bar for each run of them: bars print without the hairlines between squares."""
    rows = [bytes(row) for row in _code(tag).matrix]
    module = side / (len(rows) + 2 * _QUIET)
    page.set_fill_color(0)
    for y, row in enumerate(rows, _QUIET):
        for start, length in _runs(row):
            page.rect(left + (start + _QUIET) * module, top + y * module, length * module, module, style="F")


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    """Where the dark modules of a row begin, and how many follow."""
    start = 0
    while (start := row.find(1, start)) >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        yield start, end - start
        start = end


def _fitting(page: FPDF, text: str, style: str, points: float, width: float) -> float:
    """The size at which the text is as wide as there is room, at most `points`."""
    page.set_font("Helvetica", style, points)
    wide = page.get_string_width(text)
    return max(min(points, points * width / wide * 0.99), _SMALLEST_PT) if wide else points


def _cut(page: FPDF, text: str, width: float) -> str:
    while len(text) > 1 and page.get_string_width(text) > width:
        text = text[:-1]
    return text


def _plain(text: str) -> str:
    """Text in the letters of a PDF's own fonts: of others what is left without their marks, so that a Sámi č is a c."""
    if _is_western(text):
        return text
    return "".join(c if _is_western(c) else _base(c) for c in text)


def _base(letter: str) -> str:
    letter = _STROKED.get(letter, letter)
    base = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    return base if base and _is_western(base) else "?"


def _is_western(text: str) -> bool:
    return all(ord(c) < 256 for c in text)
