"""What people are told of contracts: in notices, and in `devreg check`."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import msgspec

from devreg.domain.contract import NOTICE_LEAD, ContractState
from devreg.domain.device import contract_ref, device_ref
from devreg.domain.trouble import Problem
from devreg.errors import DatabaseUnavailable
from devreg.i18n import N_
from devreg.ports import Finding, Severity
from devreg.store import contract_watch, local_time
from devreg.store.engine import Session, Sessions, told_plainly


class Coverage(msgspec.Struct, frozen=True):
    """How critical devices are covered by support contracts."""

    critical: int
    without: int
    """No valid support contract today."""
    ending: int
    """Have one that ends within the days asked for."""
    days: int


def coverage(sessions: Sessions, days: int, now: datetime) -> Coverage:
    """The counts for a screen and for `check`; a contract that ends within `days` is counted as ending."""
    with told_plainly("read the contracts"), sessions.read.begin() as session:
        return _counted(session, days, now)


def findings(sessions: Sessions, days: int, now: datetime) -> Iterator[Finding]:
    """Critical devices without valid support are a fault; what ends within `days` is worth a look."""
    try:
        with told_plainly("read the contracts"), sessions.read.begin() as session:
            counted = _counted(session, days, now)
            ending = contract_watch.ending(session, local_time.day(session, now) + timedelta(days=days))
    except DatabaseUnavailable:  # said of the register itself
        return
    if counted.without:
        yield Finding(
            Severity.FAULT,
            f"critical devices without a valid support contract: {counted.without} of {counted.critical}",
            "`devreg list coverage` names them; `devreg contract attach` puts one into a contract.",
        )
    elif counted.critical:
        yield Finding(Severity.OK, f"all critical devices have a valid support contract: {counted.critical}")
    if counted.ending:
        yield Finding(
            Severity.ADVICE,
            f"critical devices whose support ends within {days} days: {counted.ending}",
            "`devreg list coverage` says when.",
        )
    if ending:
        yield Finding(
            Severity.ADVICE,
            f"contracts that end within {days} days: {ending}",
            "`devreg list contracts` has them first.",
        )


def problems(session: Session, now: datetime) -> Iterable[Problem]:
    """What is to be told now; a contract and a state is one problem, however many devices are in it."""
    for row in contract_watch.due(session):
        kind = str(row.state)
        yield Problem(
            f"contract:{row.id}:{kind}",
            f"{contract_ref(row.id)} {row.number}",
            kind,
            _due(kind, row.devices, row.next_on),
            f"`devreg list leases --where contract={contract_ref(row.id)}` shows them.",
        )
    for row in contract_watch.lost(session):
        yield Problem(
            f"lost_lease:{row.device_id}:{row.id}",
            device_ref(row.device_id),
            "lost_lease",
            f"The device is lost and its lease {row.number} runs on.",
            "Tell the lessor; `devreg contract missing` notes it.",
        )
    soon = local_time.day(session, now) + timedelta(days=NOTICE_LEAD)
    for item in contract_watch.covered(session):
        about = device_ref(item.device_id)
        if item.gap is not None:
            what = N_("The device is critical and has no valid support contract.")
            yield Problem(f"support:{item.device_id}", about, "support_gap", what, "`devreg list coverage` says why.")
        elif item.valid_until is not None and item.valid_until <= soon:
            what = N_(f"The device is critical and its support ends on {item.valid_until:%Y-%m-%d}.")
            yield Problem(
                f"support:{item.device_id}", about, "support_ending", what, "`devreg list coverage` says when."
            )


def _due(state: str, devices: int, day: date) -> str:
    match state:
        case ContractState.NOTICE_DUE:
            return N_(f"Leased devices to decide about, with notice by {day:%Y-%m-%d}: {devices}.")
        case ContractState.RETURN_WINDOW:
            return N_(f"Leased devices to return by {day:%Y-%m-%d}: {devices}.")
        case _:
            return N_(
                f"Leased devices that should have been returned by {day:%Y-%m-%d}, and cost a fee every month: {devices}."
            )


def _counted(session: Session, days: int, now: datetime) -> Coverage:
    known = contract_watch.covered(session)
    until = local_time.day(session, now) + timedelta(days=days)
    ending = [item for item in known if item.gap is None and item.valid_until is not None and item.valid_until <= until]
    return Coverage(len(known), sum(item.gap is not None for item in known), len(ending), days)
