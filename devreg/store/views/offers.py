"""List of devices in stock that another unit needs."""

from typing import Any

from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import folded, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import offer, unit

GIVER = unit.alias("giver")


def offers(taker_name: ViewColumn, giver_name: ViewColumn) -> View:
    """Whom to give what, the neediest first; no device is promised twice."""
    searched: tuple[Any, ...] = tuple(
        folded(name) for name in (offer.c.taker, unit.c.name_fi, unit.c.name_sv, offer.c.giver)
    )
    return View(
        name="offers",
        title=N_("In stock, and needed elsewhere"),
        key=offer.c.position,
        source=offer.outerjoin(unit, unit.c.id == offer.c.taker).outerjoin(GIVER, GIVER.c.id == offer.c.giver),
        columns=(
            text("taker", N_("Taker's id"), offer.c.taker, 14),
            taker_name,
            word("kind", N_("Kind"), offer.c.kind),
            typed("devices", N_("Devices"), offer.c.devices, ColumnType.INTEGER, 8),
            text("giver", N_("Giver's id"), offer.c.giver, 14),
            giver_name,
        ),
        shown=("taker_name", "kind", "devices", "giver_name"),
        order=(offer.c.position,),
        facets=("kind", "taker_name", "giver_name"),
        search=(*searched, offer.c.kind),
    )
