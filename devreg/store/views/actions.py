"""The list of remote actions: what was asked for, how far it is, and what is to be said of it."""

from sqlalchemy import case

from devreg.domain.action import OPEN, Standing
from devreg.domain.device import device_ref, intent_ref
from devreg.domain.platforms import DESTRUCTIVE
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import field, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import device, intent, unit


def actions(unit_name: ViewColumn) -> View:
    """Every intent: first what waits for a second person, then what else is open, the newest of each first."""
    waits = (intent.c.standing == Standing.REQUESTED) & intent.c.act.in_([str(member) for member in DESTRUCTIVE])
    is_open = intent.c.standing.in_([str(member) for member in OPEN])
    return View(
        name="actions",
        title=N_("Remote actions"),
        key=intent.c.id,
        source=intent.join(device, device.c.id == intent.c.device_id).outerjoin(unit, unit.c.id == device.c.unit),
        columns=(
            ref("action", N_("Action"), intent.c.id, intent_ref, "A"),
            word("act", N_("What"), intent.c.act, 16),
            word("standing", N_("How far"), intent.c.standing, 22),
            ref("id", N_("Id"), device.c.id, device_ref, "D"),
            text("bound_tag", N_("Asset tag then"), intent.c.asset_tag, 12),
            text("bound_serial", N_("Serial number then"), intent.c.serial, 16),
            field("name"),
            field("kind"),
            field("state"),
            field("holder"),
            unit_name,
            text("source", N_("Through"), intent.c.source, 14),
            typed("said", N_("What is to be said"), intent.c.said, ColumnType.SENTENCE, 40),
            text("reason", N_("Reason"), intent.c.reason, 30),
            text("despite", N_("Nevertheless because"), intent.c.despite, 30),
            text("requested_by", N_("Requested by"), intent.c.requested_by, 14),
            typed("requested_at", N_("Requested"), intent.c.requested_at, ColumnType.DATETIME, 16),
            text("approved_by", N_("Approved by"), intent.c.approved_by, 14),
            typed("approved_at", N_("Approved"), intent.c.approved_at, ColumnType.DATETIME, 16),
            text("sent_as", N_("Sent as"), intent.c.sent_as, 24),
            typed("sending_at", N_("Sent"), intent.c.sending_at, ColumnType.DATETIME, 16),
            typed("accepted_at", N_("Accepted"), intent.c.accepted_at, ColumnType.DATETIME, 16),
            typed("read_at", N_("Looked at"), intent.c.read_at, ColumnType.DATETIME, 16),
            typed("next_at", N_("Next look"), intent.c.next_at, ColumnType.DATETIME, 16),
            typed("expires_at", N_("Expires"), intent.c.expires_at, ColumnType.DATETIME, 16),
            typed("closed_at", N_("Closed"), intent.c.closed_at, ColumnType.DATETIME, 16),
            word("then_state", N_("Afterwards"), intent.c.then_state, 14),
        ),
        shown=("action", "act", "standing", "id", "name", "requested_by", "requested_at", "said"),
        order=(case((waits, 0), (is_open, 1), else_=2), intent.c.id.desc()),
        facets=("standing", "act", "source", "kind", "unit_name"),
        search=(device.c.folded,),
    )
