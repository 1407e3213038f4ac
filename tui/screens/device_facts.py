"""The device that an action is about, as a person needs to see it before they act: the same lines in dialog and page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from devreg.domain.device import device_ref
from devreg.i18n import Catalogue
from devreg.ports import Row
from tui.ago import ago
from tui.cells import word
from tui.plain import Line, Span, wrap
from tui.screens.page import labelled

if TYPE_CHECKING:
    from devreg.services.browse import Browser

_SHORT_ID = 8
"""Characters shown of a management system's own id."""


def read_device(browser: Browser, device_id: int) -> Row:
    """The device's row in the list of devices; empty when it is not there any more."""
    return next(iter(browser.rows("devices", [device_id])), {})


def named(row: Row, device_id: int) -> str:
    """`D000123 iPhone 14`."""
    return " ".join(filter(None, (device_ref(device_id), _said(row, "model") or _said(row, "name"))))


def device_lines(
    row: Row,
    *,
    serial: str | None,
    asset_tag: str | None,
    source: str | None,
    native_id: str,
    now: datetime,
    width: int,
    t: Catalogue,
) -> list[Line]:
    """Model, tail of the serial, tag, holder, unit, last contact, and through which tool."""
    seen = row.get("last_seen")
    model = " ".join(filter(None, (_said(row, "manufacturer"), _said(row, "model")))) or t("not known")
    pairs = (
        (t("Device"), " · ".join(filter(None, (model, word(_said(row, "kind"), t) if row.get("kind") else "", _said(row, "name"))))),
        (t("Serial number ends in"), serial[-4:] if serial else t("not known")),
        (t("Asset tag"), asset_tag or t("none")),
        (t("Holder"), " · ".join(filter(None, (_said(row, "holder") or t("nobody known"), _said(row, "unit_name") or _said(row, "unit"))))),
        (t("Last seen"), _when(seen if isinstance(seen, datetime) else None, now, t)),
        *([(t("Through"), f"{source} · {native_id[:_SHORT_ID]}{'…' if len(native_id) > _SHORT_ID else ''}")] if source else []),
    )  # fmt: skip
    return [line for label, value in pairs for line in labelled(label, value, width)]


def bullets(texts: Sequence[str], sign: str, ink: str, width: int) -> Iterator[Line]:
    """Sentences, each behind a sign."""
    for text in texts:
        for at, piece in enumerate(wrap(text, max(1, width - 2))):
            yield Span(f"{sign} " if at == 0 else "  ", ink), Span(piece, ink)


def _when(seen: datetime | None, now: datetime, t: Catalogue) -> str:
    return t("not known when") if seen is None else f"{ago(seen, now, t)} ({t.datetime(seen)})"


def _said(row: Row, key: str) -> str:
    return str(row.get(key) or "")
