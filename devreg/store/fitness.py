"""Devices counted by unit, stage and use in the database: gates and score of `domain.equality_counts` as SQL.

One row of the answer for each unit, stage and use, however many devices there are. The pure rule is the specification.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Float, Integer, and_, case, cast, func, literal, null, or_, select
from sqlalchemy.orm import Session

from devreg.domain.calendar import Follows
from devreg.domain.device import Kind, Stage, State, Use
from devreg.domain.equality import DeviceCount, Reason, Rules
from devreg.domain.equality_counts import NOT_STOCK, add, next_year
from devreg.domain.equality_quality import DAYS_IN_FOUR_YEARS, MONTHS_IN_FOUR_YEARS, Part, Quality
from devreg.domain.equality_rules import Gates
from devreg.domain.equality_tally import Sum, Tally
from devreg.domain.windows_support import PREFIX, VERSIONS, end
from devreg.store.days import by_place, days_between, heard_since
from devreg.store.schema import device, unit

_PLACE: Final = ("unit", "stage", "use")
_Key = tuple[str | None, Stage | None, Use | None]


def counts(session: Session, rules: Rules, day: date) -> tuple[DeviceCount, ...]:
    """What `count_devices` counts of all devices of the register."""
    judged = _judged(rules, day, heard_since(session, day, rules.gates.seen_days))
    place = [judged.c[name] for name in _PLACE]
    found: dict[_Key, DeviceCount] = {}
    for row in session.execute(select(*place, *_sums(judged)).group_by(*place)):
        key = _key(row)
        one = _count(key, row._mapping)
        found[key] = add(found[key], one) if key in found else one
    ages = select(*place, judged.c.months, func.count().label("devices"))
    for row in session.execute(
        ages.where(judged.c.fit == 1, judged.c.months.is_not(None)).group_by(*place, judged.c.months)
    ):
        key = _key(row)
        found[key] = add(found[key], DeviceCount(*key[:2], use=key[2], tally=Tally(ages={row.months: row.devices})))
    return tuple(found.values())


def _key(row: Any) -> _Key:
    return (
        row.unit,
        Stage(row.stage) if row.stage in set(Stage) else None,
        Use(row.use) if row.use in set(Use) else None,
    )


def _count(key: _Key, row: Any) -> DeviceCount:
    return DeviceCount(
        *key[:2],
        fit=row["fit"],
        not_fit={reason: row[reason] for reason in Reason if row[reason]},
        uncertain=row["uncertain"],
        use=key[2],
        tally=Tally(
            {what: float(row[what]) for what in Sum},
            {part: float(row[f"known_{part}"]) for part in Part if row[f"known_{part}"]},
            {part: float(row[part]) for part in Part if row[f"known_{part}"]},
        ),
    )


def _sums(judged: Any) -> Iterator[Any]:
    fit = judged.c.fit == 1
    yield _number(fit).label("fit")
    yield _number(and_(fit, judged.c.unsure)).label("uncertain")
    for reason in Reason:
        yield _number(judged.c.reason == reason).label(reason)
    yield _number(judged.c.managed).label(Sum.MANAGED)
    yield _number(and_(fit, judged.c.support_end.is_not(None))).label(Sum.SUPPORT_KNOWN)
    yield _number(and_(fit, judged.c.ending)).label(Sum.ENDING)
    yield _number(and_(fit, judged.c.quality.is_not(None))).label(Sum.SCORED)
    for what in (Sum.QUALITY, Sum.EQUALLY, Sum.COMPLETE):
        yield _total(judged.c[what], fit).label(what)
    for part in Part:
        yield _number(and_(fit, judged.c[part].is_not(None))).label(f"known_{part}")
        yield _total(judged.c[part], fit).label(part)


def _number(condition: Any) -> Any:
    return cast(func.sum(case((condition, 1), else_=0)), Integer)


def _total(value: Any, fit: Any) -> Any:
    return func.sum(case((and_(fit, value.is_not(None)), value), else_=_float(0)))


def _judged(rules: Rules, day: date, since: Mapping[Follows, datetime]) -> Any:
    """A row a device in the house: its place, gates and score."""
    facts = _facts(rules.gates, day, since)
    reason = _reason(facts, rules.gates, day)
    levels = {part: _level(part, facts, rules.quality, day) for part in Part}
    parts_of = select(
        *(facts.c[name] for name in (*_PLACE, "kind", "support_end", "months")),
        reason.label("reason"),
        case((reason.is_(None), 1), else_=0).label("fit"),
        or_(facts.c.state.is_(None), facts.c.support_end.is_(None), facts.c.heard.is_(None)).label("unsure"),
        facts.c.managed_by.is_not(None).label("managed"),
        (facts.c.support_end < next_year(day)).label("ending"),
        *(level.label(part) for part, level in levels.items()),
    )
    scored = _once(parts_of, "scored")
    known = [(part, scored.c[part].is_not(None)) for part in rules.quality.weighed]
    weights = rules.quality.weights
    weight = _add(case((is_known, _float(weights[part])), else_=_float(0)) for part, is_known in known)
    asked = _add(
        case((_applies(part, scored, rules.quality), _float(weights[part])), else_=_float(0)) for part, _ in known
    )
    parts = _add(case((is_known, _float(1)), else_=_float(0)) for _, is_known in known)
    sum_q = _add(case((is_known, scored.c[part] * _float(weights[part])), else_=_float(0)) for part, is_known in known)
    sum_e = _add(case((is_known, scored.c[part]), else_=_float(0)) for part, is_known in known)
    whole = select(
        scored,
        case((weight > 0, sum_q / weight)).label(Sum.QUALITY),
        case((parts > 0, sum_e / parts)).label(Sum.EQUALLY),
        case((asked > 0, weight / asked), else_=_float(0)).label(Sum.COMPLETE),
    )
    return _once(whole, "judged")


def _facts(gates: Gates, day: date, since: Mapping[Follows, datetime]) -> Any:
    """What gates and score go by, of each device in the house."""
    here = and_(device.c.merged_into.is_(None), or_(device.c.state.is_(None), device.c.state.not_in(NOT_STOCK)))
    age = case((device.c.purchase_date.is_not(None), days_between(device.c.purchase_date, literal(day))))
    days = case((age < 0, 0), else_=age)
    plain = ("unit", "stage", "use", "kind", "managed_by", "ram_bytes", "storage_bytes", "battery", "condition")
    facts = select(
        *(device.c[name] for name in plain),
        case((device.c.state.in_(list(State)), device.c.state)).label("state"),
        func.coalesce(device.c.support_end, windows_end(gates)).label("support_end"),
        case((device.c.last_seen.is_not(None), device.c.last_seen >= by_place(since))).label("heard"),
        days.label("age_days"),
        (days * MONTHS_IN_FOUR_YEARS // DAYS_IN_FOUR_YEARS).label("months"),
    )
    joined = facts.select_from(device.outerjoin(unit, unit.c.id == device.c.unit)).where(here)
    return _once(joined, "facts")


def _once(rows: Any, name: str) -> Any:
    """The rows with each value reckoned once: without a limit both databases put its words wherever it is asked for."""
    return rows.offset(0).subquery(name)


def windows_end(gates: Gates) -> Any:
    """The end of a device's Windows by its build, as `windows_support.support_end` tells it."""
    is_windows = and_(func.substr(device.c.os, 1, 7) == "Windows", func.substr(device.c.os, 1, 14) != "Windows Server")
    begins = f"{PREFIX}_____"
    is_told = or_(device.c.os_version.like(begins), device.c.os_version.like(f"{begins}.%"))
    ends = {known.build: literal(end(known, gates.windows, gates.windows_10_paid_until)) for known in VERSIONS}
    build = func.substr(device.c.os_version, len(PREFIX) + 1, 5)
    return case((and_(is_windows, is_told), case(ends, value=build)))


def _reason(facts: Any, gates: Gates, day: date) -> Any:
    """The first gate not passed."""
    return case(
        (facts.c.state.not_in(gates.working), Reason.NOT_WORKING.value),
        (facts.c.managed_by.is_(None), Reason.NOT_MANAGED.value),
        (facts.c.support_end < day, Reason.UNSUPPORTED.value),
        (~facts.c.heard, Reason.NOT_SEEN.value),
    )


def _level(part: Part, facts: Any, quality: Quality, day: date) -> Any:
    """The level of a part; NULL: not known, or such a device has no such part."""
    match part:
        case Part.SUPPORT:
            reached = [(facts.c.support_end >= limit, _float(level)) for limit, level in quality.support_limits(day)]
            return case((facts.c.support_end.is_(None), null()), *reached, else_=_float(quality.support[-1]))
        case Part.AGE:
            left = [
                (facts.c.kind == kind, _left(facts.c.age_days, years)) for kind, years in quality.life_years.items()
            ]
            return case(*left) if left else null()
        case Part.MEMORY:
            return _memory(facts, quality)
        case Part.BATTERY:
            levels = [(facts.c.battery == word, _float(level)) for word, level in quality.battery.items()]
            return case((facts.c.kind == Kind.DESKTOP, null()), *levels)
        case Part.CONDITION:
            words = [(facts.c.condition == word, _float(level)) for word, level in quality.condition.items()]
            return case(*words) if words else null()


def _left(days: Any, life_years: int) -> Any:
    left = 1 - cast(days, Float) * 4 / (life_years * DAYS_IN_FOUR_YEARS)
    return case((days.is_(None), null()), (left < 0, _float(0)), else_=left)


def _memory(facts: Any, quality: Quality) -> Any:
    levels = []
    for kind, wanted in quality.memory.items():
        little = or_(facts.c.ram_bytes < wanted.least_ram, facts.c.storage_bytes < wanted.least_storage)
        levels.append((and_(facts.c.kind == kind, facts.c.ram_bytes.is_not(None), little), _float(wanted.below)))
        levels.append((and_(facts.c.kind == kind, facts.c.ram_bytes.is_not(None)), _float(1)))
    return case(*levels) if levels else null()


def _applies(part: Part, scored: Any, quality: Quality) -> Any:
    """As `equality_quality.applies`."""
    kinds = {Part.AGE: list(quality.life_years), Part.MEMORY: list(quality.memory)}.get(part)
    kind = case((scored.c.kind.in_(list(Kind)), scored.c.kind))
    if kinds is not None:
        return or_(kind.is_(None), kind.in_(kinds))
    return or_(kind.is_(None), kind != Kind.DESKTOP) if part is Part.BATTERY else literal(1) == 1


def _add(terms: Any) -> Any:
    first, *others = [*terms] or [_float(0)]
    for term in others:
        first = first + term
    return first


def _float(value: float) -> Any:
    return literal(float(value), Float)
