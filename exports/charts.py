"""What the charts of several workbooks have in common."""

from typing import Any

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties

from exports.workbook import Area, Sheet

BLUE, ORANGE, PALE, GREY, WINE = "0072B2", "E69F00", "56B4E9", "999999", "882255"
"""Told apart by every kind of colour vision, and each used with a pattern of its own."""


def plain_text(size: int) -> RichText:
    """How numbers and names on a chart are written; size in hundredths of a point."""
    properties = ParagraphProperties(defRPr=CharacterProperties(sz=size))
    return RichText(p=[Paragraph(pPr=properties, endParaRPr=CharacterProperties())])


def filled(colour: Any, pattern: Any) -> GraphicalProperties:
    """A bar's colour (RRGGBB), and DrawingML's name of a pattern over white, if any: known in black and white too."""
    look = GraphicalProperties(solidFill=colour)
    if pattern is not None:
        white: Any = "FFFFFF"
        over, ink = ColorChoice(srgbClr=white), ColorChoice(srgbClr=colour)
        look = GraphicalProperties(pattFill=PatternFillProperties(prst=pattern, fgClr=ink, bgClr=over))
    look.line = LineProperties(solidFill="404040", w=6350)
    return look


def bars(sheet: Sheet, area: Area, keys: dict[str, GraphicalProperties], rows: int, title: str) -> Any:
    """Bars for some columns of the first rows of a table, named by its first column and by its header, in percent."""
    chart: Any = BarChart()
    chart.type = "bar"
    last = area.first_row + rows - 1
    for key in keys:
        values = Reference(sheet.raw, area.column(key), area.first_row - 1, max_row=last)
        chart.add_data(values, titles_from_data=True)
    chart.set_categories(Reference(sheet.raw, 1, area.first_row, max_row=last))
    for series, look in zip(chart.series, keys.values(), strict=True):
        series.graphicalProperties = look
    chart.legend.position = "b"
    chart.gapWidth = 45
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.txPr = chart.y_axis.txPr = plain_text(850)
    chart.x_axis.scaling.orientation = "maxMin"  # the first row of the table on top
    chart.y_axis.number_format = "0%"
    chart.y_axis.scaling.min = 0
    entitle(chart, title)
    return chart


def entitle(chart: Any, title: str) -> None:
    """A small title above the bars."""
    chart.title = title
    chart.title.overlay = False  # else Excel draws it over the bars
    chart.title.tx.rich.p[0].r[0].rPr = CharacterProperties(sz=1000, b=False)
