"""Lists of devices' lives: the steps that were taken, and the states that something speaks for."""

from devreg.domain.device import device_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import field, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import device, suggestion, transition, unit


def suggestions(unit_name: ViewColumn) -> View:
    """What speaks for another state of a device, until a person says no."""
    return View(
        name="suggestions",
        title=N_("Suggestions"),
        key=suggestion.c.device_id,
        source=suggestion.join(device, device.c.id == suggestion.c.device_id).outerjoin(
            unit, unit.c.id == device.c.unit
        ),
        columns=(
            ref("id", N_("Id"), device.c.id, device_ref, "D"),
            field("name"),
            field("kind"),
            field("state"),
            word("target", N_("Suggested"), suggestion.c.target, 16),
            word("rule", N_("Because"), suggestion.c.rule, 34),
            typed("since", N_("Since"), suggestion.c.since, ColumnType.DATETIME, 16),
            typed("found_at", N_("Found"), suggestion.c.found_at, ColumnType.DATETIME, 16),
            field("holder"),
            unit_name,
            text("managed_by", N_("Managed by"), device.c.managed_by, 16),
            typed("last_seen", N_("Last seen"), device.c.last_seen, ColumnType.DATETIME, 16),
            typed("state_since", N_("In this state since"), device.c.state_since, ColumnType.DATETIME, 16),
        ),
        shown=("id", "name", "kind", "state", "target", "rule", "since", "holder"),
        order=(suggestion.c.rule, suggestion.c.since.is_(None), suggestion.c.since),
        facets=("rule", "target", "kind", "unit_name"),
        where=suggestion.c.dismissed_at.is_(None),
        search=(device.c.folded,),
    )


def transitions() -> View:
    """The steps that devices took from state to state, newest first."""
    return View(
        name="transitions",
        title=N_("Lifecycle steps"),
        key=transition.c.id,
        source=transition.join(device, device.c.id == transition.c.device_id),
        columns=(
            typed("at", N_("Time"), transition.c.at, ColumnType.DATETIME, 16),
            ref("id", N_("Id"), device.c.id, device_ref, "D"),
            field("name"),
            field("kind"),
            word("before", N_("Was"), transition.c.before, 14),
            word("after", N_("Became"), transition.c.after, 14),
            word("step", N_("Step"), transition.c.step, 24),
            text("by", N_("By"), transition.c.by, 14),
            word("rule", N_("By rule"), transition.c.rule, 24),
            text("reason", N_("Reason"), transition.c.reason, 30),
            text("documents", N_("Documents"), transition.c.documents, 24),
        ),
        shown=("at", "id", "name", "before", "after", "by", "reason"),
        order=(transition.c.id.desc(),),
        facets=("after", "before", "rule"),
        search=(device.c.folded,),
    )
