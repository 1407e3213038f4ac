"""What a contract comes to on a day: how it stands, its dates, what it has cost and will cost. Source: the programme, equality.md 5.1.

Money is whole cents without VAT. Whether a date or a sum is known matters: what rests on something unknown is None, never zero.
"""

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain.months import after, last_day, month_start, months_before, months_begun

NOTICE_LEAD: Final = 60
"""Days before the last day for notice from which it is due: a decision on returning a class of devices takes weeks."""


class ContractKind(StrEnum):
    """What a contract is about."""

    LEASE = "lease"
    SUPPORT = "support"
    WARRANTY = "warranty"
    SUBSCRIPTION = "subscription"


class Decision(StrEnum):
    """What is to become of a leased device."""

    RETURN = "return"
    EXTEND = "extend"
    BUY_OUT = "buy_out"


class ContractState(StrEnum):
    """How a contract, or one device in it, stands."""

    UNDATED = "undated"
    """Neither start nor end is known."""
    NOT_BEGUN = "not_begun"
    RUNNING = "running"
    NOTICE_DUE = "notice_due"
    DECIDED = "decided"
    RETURN_WINDOW = "return_window"
    OVERDUE = "overdue"
    """Should have been returned; every month costs a fee."""
    RETURNED = "returned"
    BOUGHT_OUT = "bought_out"
    MISSING = "missing"
    """Can't be returned; its price is due."""
    ENDED = "ended"


IN_FORCE: Final = (
    ContractState.RUNNING,
    ContractState.NOTICE_DUE,
    ContractState.DECIDED,
    ContractState.RETURN_WINDOW,
    ContractState.OVERDUE,
)
"""What still binds: the device is here, or should be."""


class Terms(msgspec.Struct, frozen=True):
    """What was agreed on time."""

    start: date | None = None
    end: date | None = None
    """The last day of the first period; None: `months` from the start, or until notice."""
    months: int | None = None
    notice_days: int | None = None
    notice_months: int | None = None
    return_days: int | None = None
    """Days after the end within which a leased device is returned; None: by the end."""
    renewal_months: int | None = None
    """How long it goes on each time nobody gave notice; None or 0: it ends."""


class Fees(msgspec.Struct, frozen=True):
    """What was agreed on money, in cents without VAT."""

    monthly_fee_cents: int | None = None
    residual_cents: int | None = None
    """The price for which the lessor lets the device go at the end."""
    extension_fee_cents: int | None = None
    """A month after the end; None: as the monthly fee."""
    damage_fee_cents: int | None = None
    missing_fee_cents: int | None = None


class Marks(msgspec.Struct, frozen=True):
    """What people said has become of one device in a contract."""

    decision: Decision | None = None
    decided_for: date | None = None
    """The end that the decision is about."""
    extended_to: date | None = None
    returned_on: date | None = None
    damaged: bool | None = None
    missing_on: date | None = None
    ended_on: date | None = None
    """Its last day in the contract."""


class Standing(msgspec.Struct, frozen=True):
    """A contract, or one device in it, on a day."""

    state: ContractState
    next_on: date | None = None
    """The next day that somebody must mind."""
    ends: date | None = None
    notice_by: date | None = None
    """The last day for notice."""
    return_from: date | None = None
    return_by: date | None = None
    cost_so_far_cents: int | None = None
    cost_to_end_cents: int | None = None
    """From now to the end as it is decided now."""


def net_cents(cents: int, vat_rate: float | None) -> int:
    """A sum without the VAT (in %) that it includes; None: it includes none."""
    return cents if not vat_rate else round(cents / (1 + vat_rate / 100))


def end_of(terms: Terms, today: date) -> date | None:
    """The last day of the period that runs today, renewals counted; None: not known, or until notice."""
    first = terms.end
    if first is None:
        first = last_day(terms.start, terms.months) if terms.start and terms.months else None
    if first is None or today <= first or not terms.renewal_months or terms.renewal_months < 0:
        return first
    # From the very start where that gave the end, so that no period moves what follows it.
    anchor, before = (terms.start, terms.months) if terms.end is None else (after(first, 1), 0)
    if anchor is None or before is None:
        return first
    over = months_begun(anchor, today) - before
    periods = max(1, -(-over // terms.renewal_months))
    return last_day(anchor, before + periods * terms.renewal_months)


def notice_by(terms: Terms, end: date | None) -> date | None:
    """The last day on which notice still ends it then, by whichever term is longer."""
    if end is None:
        return None
    days = [
        months_before(end, terms.notice_months) if terms.notice_months is not None else None,
        after(end, -terms.notice_days) if terms.notice_days is not None else None,
    ]
    return min((day for day in days if day is not None), default=None)


def standing(kind: str, terms: Terms, fees: Fees, marks: Marks, today: date) -> Standing:
    """How one device in a contract stands today; for the contract as a whole no marks are given, and no kind that is returned."""
    ends = _end(terms, marks, today)
    is_lease = kind == ContractKind.LEASE
    return_by = after(ends, max(0, terms.return_days or 0)) if is_lease else None
    notice = notice_by(terms, ends)
    return_from = ends if is_lease else None
    known = Standing(ContractState.RUNNING, None, ends, notice, return_from, return_by)
    state = _state(terms, marks, known, today, is_lease=is_lease)
    so_far, to_end = _cost(terms, fees, marks, known, today)
    return msgspec.structs.replace(
        known,
        state=state,
        next_on=_next(state, terms, known, today),
        cost_so_far_cents=so_far,
        cost_to_end_cents=to_end,
    )


def late_months(return_by: date | None, marks: Marks, today: date) -> int:
    """Months begun since the device should have been returned."""
    first = after(return_by, 1)
    stop = _up_to(today, marks.returned_on, marks.missing_on, marks.ended_on)
    if first is None or marks.decision is Decision.BUY_OUT:
        return 0
    return months_begun(first, stop)


def _end(terms: Terms, marks: Marks, today: date) -> date | None:
    match marks.decision:
        case Decision.RETURN | Decision.BUY_OUT if marks.decided_for is not None:
            return marks.decided_for
        case _:
            return marks.extended_to or end_of(terms, today)


def _state(terms: Terms, marks: Marks, known: Standing, today: date, *, is_lease: bool) -> ContractState:
    if marks.returned_on is not None and marks.returned_on <= today:
        return ContractState.RETURNED
    if marks.missing_on is not None and marks.missing_on <= today:
        return ContractState.MISSING
    if marks.ended_on is not None and marks.ended_on < today:
        return ContractState.ENDED
    if terms.start is None and known.ends is None:
        return ContractState.UNDATED
    if terms.start is not None and today < terms.start:
        return ContractState.NOT_BEGUN
    if known.ends is not None and today > known.ends and marks.decision is Decision.BUY_OUT:
        return ContractState.BOUGHT_OUT
    if known.ends is not None and today > known.ends and not is_lease:
        return ContractState.ENDED
    return _while_running(terms, marks, known, today)


def _while_running(terms: Terms, marks: Marks, known: Standing, today: date) -> ContractState:
    is_kept = marks.decision is Decision.BUY_OUT
    if not is_kept and known.return_by is not None and today > known.return_by:
        return ContractState.OVERDUE
    if not is_kept and known.return_from is not None and today >= known.return_from:
        return ContractState.RETURN_WINDOW
    # An extension is a decision about the end before it; after that the device runs towards the next.
    is_used_up = marks.decision is Decision.EXTEND and (marks.decided_for is None or today > marks.decided_for)
    if marks.decision is not None and not is_used_up:
        return ContractState.DECIDED
    due = after(known.notice_by, -NOTICE_LEAD)
    if terms.renewal_months and known.notice_by is not None and today > known.notice_by:
        return ContractState.RUNNING  # it goes on for another period; nothing can be done about this one
    return ContractState.NOTICE_DUE if due is not None and today >= due else ContractState.RUNNING


def _next(state: ContractState, terms: Terms, known: Standing, today: date) -> date | None:
    match state:
        case ContractState.NOT_BEGUN:
            return terms.start
        case ContractState.RUNNING if known.notice_by is None or known.notice_by < today:
            return known.ends
        case ContractState.RUNNING | ContractState.NOTICE_DUE:
            return known.notice_by or known.ends
        case ContractState.DECIDED:
            return known.ends
        case ContractState.RETURN_WINDOW | ContractState.OVERDUE:
            return known.return_by
        case _:
            return None


def _cost(terms: Terms, fees: Fees, marks: Marks, known: Standing, today: date) -> tuple[int | None, int | None]:
    """So far and still to come. Rent runs to the end, also of what was returned early: only a contract that ended stops it."""
    base = end_of(msgspec.structs.replace(terms, renewal_months=None), today) if marks.extended_to else known.ends
    stop = _earliest(base, marks.ended_on, marks.missing_on)
    start = terms.start or _counted_back(base, today)
    if start is None:
        return None, None
    paid = months_begun(start, _up_to(today, stop))
    rent = _times(paid, fees.monthly_fee_cents)
    extended_from = after(base, 1) if marks.extended_to else None
    longer = fees.monthly_fee_cents if fees.extension_fee_cents is None else fees.extension_fee_cents
    extended = _extension(extended_from, marks, today)
    extra = _times(extended[0] + late_months(known.return_by, marks, today), longer)
    so_far = _sum(rent, extra, *_once(fees, marks, known, today)) if terms.start is not None else None
    if stop is None:
        return so_far, None
    left = _times(months_begun(start, stop) - paid, fees.monthly_fee_cents)
    buys = marks.decision is Decision.BUY_OUT and known.ends is not None and today <= known.ends
    return so_far, _sum(left, _times(extended[1], longer), fees.residual_cents if buys else 0)


def _extension(first: date | None, marks: Marks, today: date) -> tuple[int, int]:
    """Months of an extension that have begun, and those to come."""
    if first is None or marks.extended_to is None:
        return 0, 0
    stop = _up_to(marks.extended_to, marks.ended_on, marks.missing_on)
    begun = months_begun(first, _up_to(today, stop))
    return begun, months_begun(first, stop) - begun


def _once(fees: Fees, marks: Marks, known: Standing, today: date) -> list[int | None]:
    """What is paid a single time."""
    due = []
    if marks.missing_on is not None and marks.missing_on <= today and marks.returned_on is None:
        due.append(fees.missing_fee_cents)
    if marks.damaged:
        due.append(fees.damage_fee_cents)
    if marks.decision is Decision.BUY_OUT and known.ends is not None and today > known.ends:
        due.append(fees.residual_cents)
    return due


def _counted_back(end: date | None, today: date) -> date | None:
    """A day from which whole months lead to the end, where the start is not known: enough to count those to come."""
    first = after(end, 1)
    if first is None:
        return None
    return month_start(first, -max(1, (first.year - today.year) * 12 + first.month - today.month + 1))


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _up_to(today: date, *days: date | None) -> date:
    return _earliest(today, *days) or today


def _times(months: int, cents: int | None) -> int | None:
    return 0 if months == 0 else None if cents is None else months * cents


def _sum(*parts: int | None) -> int | None:
    return None if any(part is None for part in parts) else sum(part for part in parts if part is not None)
