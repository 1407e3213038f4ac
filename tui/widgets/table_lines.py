"""The lines of a table as spans: a blank and a cell for each column."""

from collections.abc import Sequence

from tui.cells import RIGHT, Cell
from tui.plain import Span, fit
from tui.widgets.columns import GAP, Slot

_GAP = Span(" " * GAP)


def header_spans(
    slots: Sequence[Slot], labels: Sequence[str], sorted_by: tuple[str | None, bool], cursor: int
) -> list[Span]:
    """Labels, an arrow at the column sorted by, and a hint where columns are hidden before the second."""
    spans: list[Span] = []
    for at, (slot, label) in enumerate(zip(slots, labels, strict=True)):
        hidden_before = at == 1 and slot.place > 1
        spans.append(Span("◂ ", "dim") if hidden_before else _GAP if at else Span(""))
        arrow = "" if slot.column.key != sorted_by[0] else " ▼" if sorted_by[1] else " ▲"
        spans.append(Span(_label(slot, label, arrow), "strong" if slot.place == cursor else ""))
    return spans


def row_spans(slots: Sequence[Slot], cells: Sequence[Cell]) -> list[Span]:
    """Values; numbers flush right."""
    spans: list[Span] = []
    for at, (slot, cell) in enumerate(zip(slots, cells, strict=True)):
        spans.append(_GAP if at else Span(""))
        spans.append(Span(fit(cell.text, slot.width, right=slot.column.type in RIGHT), cell.ink))
    return spans


def lit(spans: Sequence[Span], slots: Sequence[Slot], cursor: int) -> list[Span]:
    """The same row with the cell under the cursor standing out."""
    marked = {2 * at + 1 for at, slot in enumerate(slots) if slot.place == cursor}
    return [span._replace(ink=f"{span.ink} cell") if at in marked else span for at, span in enumerate(spans)]


def _label(slot: Slot, label: str, arrow: str) -> str:
    room = slot.width - len(arrow)
    if slot.column.type in RIGHT:
        return fit(label, room, right=True) + arrow
    return fit(fit(label, min(room, len(label))) + arrow, slot.width)
