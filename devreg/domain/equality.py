"""How equally schools and day-care centres are equipped: coverage of the need, per unit, per stage and for the city.

Coverage is fit pupil devices for each device needed; need is pupils x target of the stage. Unknown is never zero: a
stage without a pupil count has no need and no coverage, and its devices are shown but not compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from devreg.domain.device import Stage, Use
from devreg.domain.equality_city import City, LanguageGap, Technical, city_of
from devreg.domain.equality_counts import DeviceCount, DeviceFact, add, count_devices, share_out
from devreg.domain.equality_lines import Flag, Headcount, StageLine, UnitInput, UnitLine
from devreg.domain.equality_rules import PRESETS, Band, Bands, Basis, Gates, Reason, Rules, StageTarget, ratio

__all__ = [
    "PRESETS",
    "Assessment",
    "Band",
    "Bands",
    "Basis",
    "City",
    "DeviceCount",
    "DeviceFact",
    "Flag",
    "Gates",
    "Headcount",
    "LanguageGap",
    "Reason",
    "Rules",
    "Stage",
    "StageLine",
    "StageTarget",
    "Technical",
    "UnitInput",
    "UnitLine",
    "assess",
    "count_devices",
    "ratio",
]

_SCHOOL_ORDER: dict[Stage | None, int] = {**{stage: n for n, stage in enumerate(Stage)}, None: len(Stage)}


class Assessment(msgspec.Struct, frozen=True):
    """The measured city on a day."""

    as_of: date
    rules: Rules
    units: tuple[UnitLine, ...]
    """Lowest coverage first, units without data last. Offices and the like are left out unless they have pupils or pupil devices."""
    city: City
    unplaced: int
    """Pupil devices of no unit: in no line above."""
    other_uses: dict[Use | None, int]
    """Devices that pupils do not count on (staff, shared, DigiLab, infrastructure, not said)."""


def assess(
    units: Iterable[UnitInput],
    headcounts: Iterable[Headcount],
    counts: Iterable[DeviceCount],
    as_of: date,
    rules: Rules = Rules(),
) -> Assessment:
    """Measure the city on a day. Later pupil counts are not used; of earlier ones the newest for each unit and stage is."""
    units, counts = tuple(units), tuple(counts)
    heads = _newest(headcounts, as_of)
    held, unplaced = _placed(units, heads, [count for count in counts if count.use == Use.PUPIL])
    taught = [unit for unit in units if unit.kind in rules.kinds or unit.id in heads or unit.id in held]
    lines = [
        UnitLine(unit, _stage_lines(unit.kind, heads.get(unit.id, {}), held.get(unit.id, {}), rules)) for unit in taught
    ]
    lines.sort(key=lambda line: (line.coverage is None, line.coverage or 0.0, -(line.need or 0), line.unit.id))
    others: defaultdict[Use | None, int] = defaultdict(int)
    for count in counts:
        if count.use != Use.PUPIL:
            others[count.use] += count.total
    return Assessment(as_of, rules, tuple(lines), city_of(lines, rules), unplaced, dict(others))


class _Head(msgspec.Struct, frozen=True):
    said: Headcount
    differs: bool = False


class _Held(msgspec.Struct, frozen=True):
    count: DeviceCount
    flags: tuple[Flag, ...] = ()


_Heads = dict[str, dict[Stage | None, _Head]]
_Stock = dict[str, dict[Stage | None, _Held]]


def _newest(headcounts: Iterable[Headcount], as_of: date) -> _Heads:
    heads: _Heads = defaultdict(dict)
    for said in headcounts:
        if said.date > as_of or (said.pupils is None and said.groups is None):
            continue
        rival = heads[said.unit].get(said.stage)
        heads[said.unit][said.stage] = _Head(said) if rival is None else _newer(rival, said)
    return heads


def _newer(rival: _Head, said: Headcount) -> _Head:
    if said.date != rival.said.date:
        return _Head(said) if said.date > rival.said.date else rival
    differs = rival.differs or (said.pupils, said.groups) != (rival.said.pupils, rival.said.groups)
    return _Head(max(said, rival.said, key=lambda h: (h.pupils or 0, h.groups or 0, h.file)), differs)


def _placed(units: Sequence[UnitInput], heads: _Heads, counts: Sequence[DeviceCount]) -> tuple[_Stock, int]:
    """Counts by unit and stage, those of a campus shared by pupils, and how many devices no unit holds."""
    ids = {unit.id for unit in units}
    stock: _Stock = defaultdict(dict)
    unplaced = 0
    for count in counts:
        on_campus = _on_campus(
            [unit.id for unit in units if unit.campus and unit.campus == count.unit], heads, count.stage
        )
        if count.unit in ids and count.unit is not None:
            _put(stock[count.unit], _Held(count))
        elif sum(on_campus.values()):
            for unit, part in share_out(count, on_campus).items():
                _put(stock[unit], _Held(part, (Flag.SPLIT_CAMPUS,) if part.total else ()))
        else:
            unplaced += count.total
    return stock, unplaced


def _put(stages: dict[Stage | None, _Held], new: _Held, stage: Stage | None = None) -> None:
    key = stage or new.count.stage
    old = stages.get(key)
    stages[key] = _Held(add(old.count, new.count), _both(old.flags, new.flags)) if old else new


def _stage_lines(
    kind: str | None, heads: dict[Stage | None, _Head], held: dict[Stage | None, _Held], rules: Rules
) -> tuple[StageLine, ...]:
    targets = {stage: rules.target(stage, kind) for stage in {*heads, *held}}
    needs = {stage: _need(targets[stage], head.said) for stage, head in heads.items()}
    held = _by_stage(held, {stage: need for stage, need in needs.items() if stage and need})
    stages: set[Stage | None] = {*heads, *held} or {None}
    return tuple(
        _stage_line(stage, heads.get(stage), held.get(stage), needs.get(stage), rules.target(stage, kind))
        for stage in sorted(stages, key=_SCHOOL_ORDER.__getitem__)
    )


def _by_stage(held: dict[Stage | None, _Held], needs: dict[Stage, int]) -> dict[Stage | None, _Held]:
    """Devices without a stage go to the stages with a need, if there is any."""
    loose = held.get(None)
    if loose is None or not needs:
        return held
    result: dict[Stage | None, _Held] = {stage: have for stage, have in held.items() if stage is not None}
    flags = loose.flags if len(needs) == 1 else (*loose.flags, Flag.SPLIT_STAGE)
    for stage, part in share_out(loose.count, {str(s): n for s, n in needs.items()}).items():
        _put(result, _Held(part, flags if part.total else ()), Stage(stage))
    return result


def _stage_line(
    stage: Stage | None, head: _Head | None, held: _Held | None, need: int | None, target: StageTarget | None
) -> StageLine:
    flags = list(held.flags) if held else []
    if head is None:
        flags.append(Flag.NO_COUNT)
    elif need is None:
        flags.append(Flag.NO_STAGE if stage is None else Flag.NO_TARGET if target is None else Flag.NO_COUNT)
    if head and head.differs:
        flags.append(Flag.COUNTS_DIFFER)
    count = held.count if held else DeviceCount(None, stage)
    return StageLine(stage, count, head.said if head else None, target, need, _both(tuple(flags), ()))


def _need(target: StageTarget | None, said: Headcount) -> int | None:
    if target is None:
        return None
    heads = said.groups if target.per == Basis.GROUP else said.pupils
    return None if heads is None else target.need(heads)


def _on_campus(units: Sequence[str], heads: _Heads, stage: Stage | None) -> dict[str, int]:
    """Pupils of each unit at the devices' stage; all its pupils when the stage is not said or nobody teaches it."""
    pupils = {unit: {at: head.said.pupils or 0 for at, head in heads.get(unit, {}).items()} for unit in units}
    at_stage = {unit: counts.get(stage, 0) for unit, counts in pupils.items()}
    return (
        at_stage
        if stage and sum(at_stage.values())
        else {unit: sum(counts.values()) for unit, counts in pupils.items()}
    )


def _both(a: tuple[Flag, ...], b: tuple[Flag, ...]) -> tuple[Flag, ...]:
    return tuple(flag for flag in Flag if flag in a or flag in b)
