"""The figures of equality kept once a term, and what changed between two of them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec

from devreg.domain.equality import Assessment, StageLine, StageTarget
from devreg.domain.equality_beside import pupil_files
from devreg.domain.equality_trend import Change, Point, UnitPoint, changed, series
from devreg.domain.rights import Actor, Right
from devreg.errors import Misconfigured, NotFound, Refused
from devreg.services.acting import act
from devreg.services.equality import assessed
from devreg.settings import Equality
from devreg.store import local_time, snapshots
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats

_GATES: Final = ("seen_within_days", "working", "windows", "windows_10_paid_until")
"""Settings that decide whether a device is fit."""
_OF_POINT: Final = ("day", "devices_on", "pupils_on", "need", "fit", "coverage", "hoover", "shortfall")


class Kept(msgspec.Struct, frozen=True):
    """A picture that was just kept."""

    day: date
    devices_on: date
    change: Change | None
    """Since the picture before it; None: it is the first."""
    names: dict[str, tuple[str | None, str | None]]
    """Unit -> its names in Finnish and Swedish."""


class History(msgspec.Struct, frozen=True):
    """The kept pictures up to a measurement, and what it says beside the last of them."""

    points: tuple[tuple[Point, bool], ...]
    """By day, each with whether it can be compared with the one before; the measurement last."""
    change: Change | None
    """Since the last picture of an earlier day; None: there is none."""
    names: dict[str, tuple[str | None, str | None]]
    """Unit -> its names in Finnish and Swedish."""


@repeats
def keep(
    sessions: Sessions,
    actor: Actor,
    settings: Equality,
    now: datetime,
    *,
    day: date | None = None,
    replace: bool = False,
    reason: str | None = None,
) -> Kept:
    """Keep the figures of a day; of an earlier one with the devices of today, which is kept with them.

    Raises Refused when the day has a picture that is not to be replaced, Misconfigured for a day to come or without a reason.
    """
    if replace and not (reason or "").strip():
        raise Misconfigured("A picture is replaced for a reason.", next_step="Say it with --reason.")
    with act(sessions, actor, Right.EDIT, doing="keep the term's figures", now=now, reason=reason) as doing:
        session, today = doing.session, doing.today
        day = day or today
        if day > today:
            raise Misconfigured(f"{day} is still to come: nothing is known of it.")
        old = snapshots.of_day(session, day)
        if old is not None and not replace:
            raise Refused(f"{day} has its picture already.", next_step="Give --replace and --reason to keep another.")
        if old is not None:
            snapshots.replace(session, old.id, now)
        result = assessed(session, settings, day)
        values = _values(result, settings)
        made = {
            "day": day,
            "devices_on": today,
            "made_at": now,
            "made_by": doing.by,
            "reason": doing.reason if old else None,
        }
        snapshots.keep(session, {**values, **made}, _lines(result))
        doing.tell("keep the term's figures", str(day), _told(old._mapping) if old else None, _told(values))
        known = points(session)
        earlier = [point for point in known if point.day < day]
        after = next(point for point in known if point.day == day)
    return Kept(day, today, changed(earlier[-1], after) if earlier else None, _names(result))


def trend(sessions: Sessions) -> tuple[tuple[Point, bool], ...]:
    """Every picture that counts, by day, each with whether it can be compared with the one before."""
    with told_plainly("read the kept figures"), sessions.read.begin() as session:
        return series(points(session))


def history(sessions: Sessions, settings: Equality, result: Assessment) -> History:
    """The kept pictures of earlier days, and this measurement as the last of the series; it is not kept by that."""
    with told_plainly("read the kept figures"), sessions.read.begin() as session:
        earlier = [point for point in points(session) if point.day < result.as_of]
    values = {**_values(result, settings), "day": result.as_of, "devices_on": result.as_of}
    now = _point(values, list(_lines(result)))
    return History(series([*earlier, now]), changed(earlier[-1], now) if earlier else None, _names(result))


def units_of(sessions: Sessions, day: date, now: datetime) -> list[dict[str, Any]] | None:
    """What a kept day says of each unit, worst first, in the columns of `equality`; None for today, which can be measured.

    Raises NotFound for a day without a picture: what devices there were then is not known any more.
    """
    with told_plainly("read the kept figures"), sessions.read.begin() as session:
        if day == local_time.day(session, now):
            return None
        kept = snapshots.of_day(session, day)
        if kept is None:
            days = ", ".join(str(row.day) for row in snapshots.in_order(session)) or "-"
            raise NotFound(
                f"The register does not know what devices there were on {day}: no picture of it was kept.",
                next_step=f"Kept days: {days}. `devreg snapshot` keeps one.",
            )
        found: dict[str, dict[str, Any]] = {}
        for line in snapshots.lines(session, [kept.id]):
            _add(found.setdefault(line.unit, _empty(line)), line)
    rows = [row | {"coverage": row["fit"] / row["need"] if row["need"] else None} for row in found.values()]
    return sorted(
        rows, key=lambda row: (row["coverage"] is None, row["coverage"] or 0.0, -(row["need"] or 0), row["unit"])
    )


def _empty(line: Any) -> dict[str, Any]:
    names = {"unit": line.unit, "fi": line.name_fi, "sv": line.name_sv, "language": line.language}
    return names | {"pupils": None, "need": None, "devices": 0, "fit": 0}


def _add(row: dict[str, Any], line: Any) -> None:
    """As `UnitLine` adds its stages up: fit devices of stages with a need, or of all where none has one."""
    row["devices"] += line.devices
    if line.pupils is not None:
        row["pupils"] = (row["pupils"] or 0) + line.pupils
    if line.need is None:
        row["fit"] += line.fit if row["need"] is None else 0
        return
    row["fit"] = (0 if row["need"] is None else row["fit"]) + line.fit
    row["need"] = (row["need"] or 0) + line.need


def points(session: Session) -> list[Point]:
    """The pictures that count, by day."""
    kept = snapshots.in_order(session)
    lines: dict[int, list[Mapping[str, Any]]] = {row.id: [] for row in kept}
    for line in snapshots.lines(session, [*lines]):
        lines[line.snapshot_id].append(line._asdict())
    return [_point(row._asdict(), lines[row.id]) for row in kept]


def _point(row: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> Point:
    """A picture from its values and lines, as `_values` and `_lines` make them and the register keeps them."""
    units: dict[str, UnitPoint] = {}
    for line in lines:
        old = units.get(line["unit"], UnitPoint(None, 0))
        if line["need"] is not None:
            targets = (*old.targets, (line["stage"] or "", line["target"] or ""))
            units[line["unit"]] = UnitPoint((old.need or 0) + line["need"], old.fit + line["fit"], targets)
        else:
            units.setdefault(line["unit"], old)
    gates = msgspec.json.encode([row["rules"].get(name) for name in _GATES]).decode()
    return Point(**{name: row[name] for name in _OF_POINT}, units=units, gates=gates)


def _names(result: Assessment) -> dict[str, tuple[str | None, str | None]]:
    return {unit.unit.id: (unit.unit.name_fi, unit.unit.name_sv) for unit in result.units}


def _values(result: Assessment, settings: Equality) -> dict[str, Any]:
    city, files = result.city, pupil_files(result.units)
    gap, worst = city.language_gap, city.worst
    return {
        "rules": settings.model_dump(mode="json"),
        "pupil_files": [[file.date.isoformat(), file.name, file.hash] for file in files],
        "pupils_on": max((file.date for file in files), default=None),
        "pupils": city.pupils,
        "need": city.need,
        "devices": city.total,
        "fit": city.fit,
        "coverage": city.coverage,
        "worst": worst.coverage if worst else None,
        "spread": city.spread,
        "hoover": city.hoover,
        "to_move": city.to_move,
        "shortfall": city.shortfall,
        "language_gap": gap.gap if gap else None,
    }


def _told(values: Any) -> dict[str, object]:
    return {name: values[name] for name in ("need", "devices", "fit", "shortfall")}


def _lines(result: Assessment) -> Iterator[dict[str, Any]]:
    for unit in result.units:
        said = unit.unit
        names = {
            "unit": said.id,
            "name_fi": said.name_fi,
            "name_sv": said.name_sv,
            "kind": said.kind,
            "language": said.language,
        }
        for line in unit.stages:
            yield {**names, **_measured(line)}


def _measured(line: StageLine) -> dict[str, Any]:
    return {
        "stage": None if line.stage is None else str(line.stage),
        "target": None if line.target is None else _target(line.target),
        "pupils": line.pupils,
        "need": line.need,
        "devices": line.devices.total,
        "fit": line.devices.fit,
        "adjusted": line.devices.adjusted,
    }


def _target(target: StageTarget) -> str:
    return f"{target.devices} {target.per}"
