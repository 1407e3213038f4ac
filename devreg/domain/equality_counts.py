"""Which pupil devices are fit for use, counted by unit and stage, and how counts known only roughly are shared out."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from devreg.domain.device import Stage, State, Use
from devreg.domain.equality_measures import apportion
from devreg.domain.equality_rules import Gates, Reason

NOT_STOCK: Final = frozenset({State.PLANNED, State.ORDERED, State.RETIRED, State.DISPOSED})
"""States of a device that is not (or no longer) in the house."""


class DeviceFact(msgspec.Struct, frozen=True):
    """What the gates ask of one device; None = no source says."""

    unit: str | None
    stage: Stage | None
    use: Use | None
    state: State | None
    supported: bool | None
    """Whether its system still gets security updates on the day of the report."""
    managed: bool | None
    last_seen: datetime | None


class DeviceCount(msgspec.Struct, frozen=True):
    """Devices of one unit, stage and use. Several counts of the same kind add up."""

    unit: str | None
    """A unit's id, or a campus's; None: no rule or person has placed them."""
    stage: Stage | None
    fit: int = 0
    not_fit: Mapping[Reason, int] = {}
    """By the first gate not passed."""
    uncertain: int = 0
    """Of the fit ones, those for which some gate could not be told; they count as fit and are shown apart."""
    use: Use | None = Use.PUPIL
    """None: not said; such devices never count as pupils' devices."""

    @property
    def total(self) -> int:
        """All of them, fit or not."""
        return self.fit + sum(self.not_fit.values())


def count_devices(facts: Iterable[DeviceFact], gates: Gates, now: datetime) -> tuple[DeviceCount, ...]:
    """One count for each unit, stage and use; devices not in the house are left out."""
    counts: dict[tuple[str | None, Stage | None, Use | None], DeviceCount] = {}
    for fact in facts:
        if fact.state in NOT_STOCK:
            continue
        key = (fact.unit, fact.stage, fact.use)
        counts[key] = add(counts.get(key, DeviceCount(fact.unit, fact.stage, use=fact.use)), _one(fact, gates, now))
    return tuple(counts.values())


def add(a: DeviceCount, b: DeviceCount) -> DeviceCount:
    """Both together, under the name of the first."""
    reasons = {r: a.not_fit.get(r, 0) + b.not_fit.get(r, 0) for r in Reason if r in a.not_fit or r in b.not_fit}
    return DeviceCount(a.unit, a.stage, a.fit + b.fit, reasons, a.uncertain + b.uncertain, a.use)


def share_out(count: DeviceCount, weights: Mapping[str, int]) -> dict[str, DeviceCount]:
    """The count cut in whole devices by weights that are not all zero; the parts add up to it again."""
    fit = apportion(count.fit, weights)
    reasons = {reason: apportion(n, weights) for reason, n in count.not_fit.items()}
    uncertain = apportion(count.uncertain, fit) if count.fit else dict.fromkeys(weights, 0)
    return {
        key: DeviceCount(
            count.unit, count.stage, fit[key], {r: part[key] for r, part in reasons.items()}, uncertain[key], count.use
        )
        for key in weights
    }


def _one(fact: DeviceFact, gates: Gates, now: datetime) -> DeviceCount:
    seen = None if fact.last_seen is None else now - fact.last_seen <= timedelta(days=gates.seen_days)
    working = None if fact.state is None else fact.state in gates.working
    passed = {
        Reason.NOT_WORKING: working,
        Reason.NOT_MANAGED: fact.managed,
        Reason.UNSUPPORTED: fact.supported,
        Reason.NOT_SEEN: seen,
    }
    failed = next((reason for reason, ok in passed.items() if ok is False), None)
    if failed:
        return DeviceCount(fact.unit, fact.stage, 0, {failed: 1})
    return DeviceCount(fact.unit, fact.stage, 1, {}, int(None in passed.values()))
