"""The lists there are: which columns, from which tables, in which words. One module a subject; shared by every reader.

What belongs here: the definition of a list. How a list is asked is `store.query`; how a column is made, `store.columns`.
"""

from sqlalchemy import func

from devreg.i18n import N_
from devreg.store.columns import text
from devreg.store.query import View
from devreg.store.schema import device, subscription, unit
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
    persons,
    phones,
    questions,
    reserves,
    stocktakes,
    tools,
    topology,
    trail,
    units,
    values,
)


def of_language(language: str) -> dict[str, View]:
    """Every list by name, in the order screens offer them; names of units in Finnish or Swedish."""
    name = (
        func.coalesce(unit.c.name_sv, unit.c.name_fi)
        if language == "sv"
        else func.coalesce(unit.c.name_fi, unit.c.name_sv)
    )
    by = unit.c.sort_sv if language == "sv" else unit.c.sort_fi
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
        stocktakes.stocktakes(of_unit),
        stocktakes.lines(of_unit),
        tools.overlaps(of_device),
        circulation.circulation(of_device),
        reserves.spares(of_unit),
        reserves.cliffs(of_unit),
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
