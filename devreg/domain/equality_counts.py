"""Which pupil devices are fit for use, counted by unit and stage, and how counts known only roughly are shared out."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from devreg.domain.device import Stage, State, Use
from devreg.domain.equality_measures import apportion
from devreg.domain.equality_quality import Condition, age_days, age_months, score
from devreg.domain.equality_rules import Gates, Reason, Rules
from devreg.domain.equality_tally import Sum, Tally
from devreg.domain.windows_support import support_end

NOT_STOCK: Final = frozenset({State.PLANNED, State.ORDERED, State.RETIRED, State.DISPOSED})
"""States of a device that is not (or no longer) in the house."""


class DeviceFact(Condition, frozen=True, kw_only=True):
    """What gates and score ask of one device; None = no source says."""

    unit: str | None
    stage: Stage | None
    use: Use | None
    state: State | None
    managed: bool
    silent_days: int | None
    """Days since any source saw it, days off not counted (`domain.calendar`)."""
    os: str | None = None
    os_version: str | None = None


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
    tally: Tally = Tally()

    @property
    def total(self) -> int:
        """All of them, fit or not."""
        return self.fit + sum(self.not_fit.values())

    @property
    def quality(self) -> float | None:
        """Mean score of the fit devices of which something is known."""
        return self.tally.mean(Sum.QUALITY, Sum.SCORED)

    @property
    def adjusted(self) -> float | None:
        """Fit devices, each counted by its score; those of which nothing is known as the others are. None: nothing is known of any."""
        return _times(self.fit, self.quality)

    @property
    def adjusted_equally(self) -> float | None:
        """The same with all parts of the score weighing alike."""
        return _times(self.fit, self.tally.mean(Sum.EQUALLY, Sum.SCORED))

    @property
    def complete(self) -> float | None:
        """How much of what the score asks is known, over the fit devices."""
        return self.tally.sums.get(Sum.COMPLETE, 0.0) / self.fit if self.fit else None

    @property
    def managed(self) -> float | None:
        """Share of all devices, fit or not, that a tool manages."""
        return self.tally.sums.get(Sum.MANAGED, 0.0) / self.total if self.total else None

    @property
    def ending(self) -> float | None:
        """Share of the fit devices of known end of support whose support ends within a year."""
        return self.tally.mean(Sum.ENDING, Sum.SUPPORT_KNOWN)


def count_devices(facts: Iterable[DeviceFact], rules: Rules, day: date) -> tuple[DeviceCount, ...]:
    """One count for each unit, stage and use; devices not in the house are left out.

    The rule in plain words: `store.fitness` counts the same in the database, and is tested against it.
    """
    counts: dict[tuple[str | None, Stage | None, Use | None], DeviceCount] = {}
    for fact in facts:
        if fact.state in NOT_STOCK:
            continue
        key = (fact.unit, fact.stage, fact.use)
        counts[key] = add(counts.get(key, DeviceCount(fact.unit, fact.stage, use=fact.use)), _one(fact, rules, day))
    return tuple(counts.values())


def add(a: DeviceCount, b: DeviceCount) -> DeviceCount:
    """Both together, under the name of the first."""
    reasons = {r: a.not_fit.get(r, 0) + b.not_fit.get(r, 0) for r in Reason if r in a.not_fit or r in b.not_fit}
    return DeviceCount(a.unit, a.stage, a.fit + b.fit, reasons, a.uncertain + b.uncertain, a.use, a.tally + b.tally)


def share_out(count: DeviceCount, weights: Mapping[str, int]) -> dict[str, DeviceCount]:
    """The count cut in whole devices by weights that are not all zero; the parts add up to it again."""
    fit = apportion(count.fit, weights)
    reasons = {reason: apportion(n, weights) for reason, n in count.not_fit.items()}
    uncertain = apportion(count.uncertain, fit) if count.fit else dict.fromkeys(weights, 0)
    parts = {
        key: DeviceCount(
            count.unit, count.stage, fit[key], {r: part[key] for r, part in reasons.items()}, uncertain[key], count.use
        )
        for key in weights
    }
    return {
        key: msgspec.structs.replace(
            part, tally=count.tally.part(part.fit / max(count.fit, 1), part.total / max(count.total, 1))
        )
        for key, part in parts.items()
    }


def _one(fact: DeviceFact, rules: Rules, day: date) -> DeviceCount:
    end = support_ends(fact, rules.gates)
    passed = {
        Reason.NOT_WORKING: None if fact.state is None else fact.state in rules.gates.working,
        Reason.NOT_MANAGED: fact.managed,
        Reason.UNSUPPORTED: None if end is None else end >= day,
        Reason.NOT_SEEN: None if fact.silent_days is None else fact.silent_days <= rules.gates.seen_days,
    }
    failed = next((reason for reason, ok in passed.items() if ok is False), None)
    managed = {Sum.MANAGED: float(fact.managed)}
    if failed:
        return DeviceCount(fact.unit, fact.stage, 0, {failed: 1}, tally=Tally(managed))
    uncertain = int(None in passed.values())
    known = msgspec.structs.replace(fact, support_end=end)
    return DeviceCount(fact.unit, fact.stage, 1, {}, uncertain, tally=Tally(managed) + _tally(known, rules, day))


def support_ends(fact: DeviceFact, gates: Gates) -> date | None:
    """What is known of the device itself, else what is known of its Windows."""
    return fact.support_end or support_end(fact.os, fact.os_version, gates.windows, gates.windows_10_paid_until)


def _tally(fact: DeviceFact, rules: Rules, day: date) -> Tally:
    scored = score(fact, rules.quality, day)
    sums = {
        Sum.SUPPORT_KNOWN: float(fact.support_end is not None),
        Sum.ENDING: float(fact.support_end is not None and fact.support_end < next_year(day)),
        Sum.SCORED: float(scored.quality is not None),
        Sum.QUALITY: scored.quality or 0.0,
        Sum.EQUALLY: scored.equally or 0.0,
        Sum.COMPLETE: scored.complete,
    }
    ages = {} if fact.purchase_date is None else {age_months(age_days(fact.purchase_date, day)): 1.0}
    return Tally(sums, dict.fromkeys(scored.levels, 1.0), scored.levels, ages)


def _times(fit: int, quality: float | None) -> float | None:
    return None if quality is None and fit else fit * (quality or 0.0)


def next_year(day: date) -> date:
    """The same day a year later; of 29 February the last of that month."""
    return day.replace(year=day.year + 1, day=min(day.day, 28)) if day.month == 2 else day.replace(year=day.year + 1)
