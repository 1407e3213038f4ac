"""A time in somebody's hands as a line of text."""

from devreg.i18n import Catalogue
from devreg.store.custody import Span


def span_text(t: Catalogue, span: Span) -> str:
    """A time in somebody's hands on one line: from, until, who, where, told by whom."""
    until = t.date(span.until) if span.until is not None else ""
    who = span.holder or span.holder_email or t("nobody")
    where = " ".join(part for part in (span.unit, span.room) if part)
    told = "; ".join(part for part in (t(span.by) if span.by else "", t.said(span.reason or "")) if part)
    return f"{t.date(span.since)}–{until}  {who}  {where}".rstrip() + (f"  ({told})" if told else "")
