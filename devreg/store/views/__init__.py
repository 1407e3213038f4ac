"""The lists there are: which columns, from which tables, in which words. One module a subject; shared by every reader.

What belongs here: the definition of a list. How a list is asked is `store.query`; how a column is made, `store.columns`.
"""

from typing import Any

from sqlalchemy import func

from devreg.i18n import N_
from devreg.store.columns import text
from devreg.store.query import View
from devreg.store.schema import device, offer, planned_move, subscription, unit
from devreg.store.views import (
    actions,
    beside,
    circulation,
    contracts,
    devices,
    evidence,
    gauges,
    lives,
    load,
    moves,
    offers,
    persons,
    phones,
    questions,
    reserves,
    snapshots,
    stocktakes,
    tools,
    topology,
    trail,
    units,
    values,
)


def of_language(language: str) -> dict[str, View]:
    """Every list by name, in the order screens offer them; names of units in Finnish or Swedish."""
    name, by = _name_of(unit, language)
    of_device = text("unit_name", N_("Unit"), func.coalesce(name, device.c.unit), 20, by)
    of_unit = text("unit_name", N_("Unit"), func.coalesce(name, unit.c.id), 20, by)
    of_devices = devices.lists(of_device)
    missing, same_tag = of_devices.pop("missing"), of_devices.pop("duplicates")
    views = (
        *of_devices.values(),
        phones.coverage(text("unit_name", N_("Unit"), func.coalesce(name, unit.c.id), 30, by)),
        devices.ports(),
        gauges.gauges(),
        topology.neighbours(),
        load.samples(),
        load.targets(),
        units.units(text("unit_name", N_("Unit"), func.coalesce(name, unit.c.id), 30, by)),
        units.unplaced(),
        persons.persons(),
        persons.leavers(),
        actions.actions(of_device),
        contracts.contracts(),
        contracts.leases(of_device),
        contracts.coverage(of_device),
        beside.subscriptions(text("unit_name", N_("Unit"), func.coalesce(name, subscription.c.unit), 20, by)),
        beside.registrations(),
        beside.unmanaged(),
        snapshots.snapshots(),
        snapshots.lines(),
        stocktakes.stocktakes(of_unit),
        stocktakes.lines(of_unit),
        tools.overlaps(of_device),
        circulation.circulation(of_device),
        reserves.spares(of_unit),
        reserves.cliffs(of_unit),
        _offers(language),
        _moves(language),
        missing,
        lives.suggestions(of_device),
        lives.transitions(),
        same_tag,
        questions.reviews(),
        questions.decisions(),
        questions.alarms(),
        values.overrides(),
        values.conflicts(),
        evidence.runs(),
        evidence.records(),
        evidence.rejected(),
        evidence.history(),
        trail.audit(),
    )
    return {view.name: view for view in views}


def _name_of(place: Any, language: str) -> tuple[Any, Any]:
    """SQL of a unit's name, and of what to order it by."""
    first, second = ("sv", "fi") if language == "sv" else ("fi", "sv")
    return func.coalesce(place.c[f"name_{first}"], place.c[f"name_{second}"]), place.c[f"sort_{first}"]


def _offers(language: str) -> View:
    (taker, taker_by), (giver, giver_by) = _name_of(unit, language), _name_of(offers.GIVER, language)
    return offers.offers(
        text("taker_name", N_("Needed in"), func.coalesce(taker, offer.c.taker), 24, taker_by),
        text("giver_name", N_("In stock in"), func.coalesce(giver, offer.c.giver), 24, giver_by),
    )


def _moves(language: str) -> View:
    (source, source_by), (target, target_by) = _name_of(unit, language), _name_of(moves.TARGET, language)
    return moves.moves(
        text("source_name", N_("Moves from"), func.coalesce(source, planned_move.c.from_unit), 20, source_by),
        text("target_name", N_("Moves to"), func.coalesce(target, planned_move.c.target), 20, target_by),
    )
