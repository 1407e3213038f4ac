"""What the charts of several workbooks have in common."""

from openpyxl.chart.text import RichText
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties


def plain_text(size: int) -> RichText:
    """How numbers and names on a chart are written; size in hundredths of a point."""
    properties = ParagraphProperties(defRPr=CharacterProperties(sz=size))
    return RichText(p=[Paragraph(pPr=properties, endParaRPr=CharacterProperties())])
