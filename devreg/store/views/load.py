"""Lists of how busy ports are, and of the addresses that sources ask."""

from sqlalchemy import case

from devreg.domain.device import device_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import folded, ref, text, typed, word
from devreg.store.query import View
from devreg.store.schema import device, record, sample, target


def samples() -> View:
    """Counters as they were read, newest first."""
    counted = {
        "in_octets": N_("Octets in"), "out_octets": N_("Octets out"), "in_errors": N_("Errors in"), "out_errors": N_("Errors out"),
        "in_discards": N_("Discards in"), "out_discards": N_("Discards out"), "up_time": N_("Up (1/100 s)"),
        "discontinuity": N_("Set back at (1/100 s)"),
    }  # fmt: skip
    return View(
        name="samples",
        title=N_("Counters of ports"),
        key=sample.c.id,
        source=sample.join(record, record.c.id == sample.c.record_id).join(device, device.c.id == record.c.device_id),
        columns=(
            typed("at", N_("When"), sample.c.at, ColumnType.DATETIME, 16),
            ref("device_id", N_("Device id"), device.c.id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 20, device.c.name_key),
            text("port", N_("Port"), sample.c.port, 14),
            *(typed(key, label, sample.c[key], ColumnType.INTEGER, 12) for key, label in counted.items()),
            typed("is_wide", N_("64 bits"), sample.c.is_wide, ColumnType.BOOLEAN, 8),
            word("oper", N_("Link state"), sample.c.oper),
            word("mark", N_("Step"), sample.c.mark, 10),
        ),
        shown=("at", "device", "port", "in_octets", "out_octets", "mark"),
        order=(sample.c.id.desc(),),
        facets=("device", "port", "mark"),
        search=(device.c.folded, folded(sample.c.port)),
    )


def targets() -> View:
    """Addresses that sources ask, and whether they answer."""
    state = case((target.c.problem.is_(None), "answering"), else_="silent")
    return View(
        name="targets",
        title=N_("Network addresses asked"),
        key=target.c.source.concat(" ").concat(target.c.address),
        source=target,
        columns=(
            text("source", N_("Source"), target.c.source, 14),
            text("address", N_("Network address"), target.c.address, 22),
            word("state", N_("State"), state, 10),
            text("credential", N_("Credential"), target.c.credential, 14),
            typed("answered_at", N_("Last answered"), target.c.answered_at, ColumnType.DATETIME, 16),
            typed("asked_at", N_("Last asked"), target.c.asked_at, ColumnType.DATETIME, 16),
            typed("problem", N_("Problem"), target.c.problem, ColumnType.SENTENCE, 60),
        ),
        shown=("source", "address", "state", "credential", "answered_at", "asked_at"),
        order=(target.c.source, target.c.address),
        facets=("source", "state", "credential"),
        search=(folded(target.c.address), folded(target.c.source)),
    )
