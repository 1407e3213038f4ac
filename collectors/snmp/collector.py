"""The SNMP source: one probe and one visit a target, one record a physical device."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final

from msgspec.structs import replace

from collectors.snmp.access import Access, unlock
from collectors.snmp.around import around
from collectors.snmp.devices import records
from collectors.snmp.meetings import Meetings
from collectors.snmp.observe import observe
from collectors.snmp.options import Range, SnmpOptions
from collectors.snmp.place import Place, is_worth, place_from
from collectors.snmp.points import POINT
from collectors.snmp.reading import Reading
from collectors.snmp.scan import Outcome, Scan
from collectors.snmp.vendors import Rules, rules
from devreg.domain.job import Job
from devreg.domain.load import Load
from devreg.domain.observation import Observation
from devreg.domain.topology import Around
from devreg.errors import Misconfigured
from devreg.i18n import N_
from devreg.ports import Answer, FailedPart, Finding, Memory, Page, Record, Rejected, Severity
from devreg.settings import Loaded, SourceOptions

SILENT: Final = "silent"
"""Reason of an address of a network where nobody answered: perhaps empty, so it says nothing about what was there before."""
_SAMPLE: Final = 16


class SnmpCollector:
    """Network devices of one source."""

    Options: ClassVar[type[SourceOptions]] = SnmpOptions
    mapping_version: ClassVar[int] = 1

    def __init__(self, name: str, options: SnmpOptions, loaded: Loaded) -> None:
        self._name = name
        self._options = options
        self._loaded = loaded
        self._rules = rules(own_vendors(options, loaded))
        self._memory: Memory | None = None

    def remember(self, memory: Memory) -> None:
        """What a device said before stands where it can't be read whole."""
        self._memory = memory

    @staticmethod
    def faults(options: SnmpOptions, loaded: Loaded) -> Iterator[tuple[str, str]]:
        """What is wrong in the file of own vendors: the option's name and the problem."""
        try:
            rules(own_vendors(options, loaded))
        except Misconfigured as error:
            yield "vendors", error.what

    def check(self) -> Iterator[Finding]:
        """Whether the credential sets are whole and some targets of each range answer."""
        try:
            access = self._access()
        except Misconfigured as error:
            yield Finding(Severity.FAULT, error.what, error.next_step)
            return
        for ready in access.values():
            if ready.weak:
                yield Finding(Severity.ADVICE, ready.weak)
        for part in self._options.ranges:
            yield from self._check_range(part, access)

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        """Every device that answers. A target that could not be read whole is a failed part; an address of a network where nobody
        answers is one with the reason `SILENT`. A checkpoint goes on with the next target.
        """
        return self.pages_of(None, {}, checkpoint)

    def pages_of(
        self, job: Job | None, credentials: Mapping[str, str], checkpoint: str | None = None
    ) -> Iterator[Page]:
        """As `pages`, but only what one job reads; the set that a target answered to last is tried first."""
        access = self._access()
        warnings = tuple(ready.weak for ready in access.values() if ready.weak)
        if warnings:
            yield Page((), warnings=warnings)
        targets = list(self._options.targets())
        place = place_from(checkpoint, targets)
        gathered = _Gathered(self._rules, self._memory, place)
        scan = Scan(self._options, access, self._rules, job=job, credentials=credentials)
        for outcomes in scan.outcomes(targets[place.done :]):
            gathered.add(outcomes)
            if gathered.has_records or gathered.is_far:
                yield gathered.page()
        gathered.add_points()
        yield gathered.page()

    @property
    def rules_mark(self) -> str:
        """Changes with the vendors' rules, shipped or of one's own, so that they reach devices that say what they said before."""
        return self._rules.mark

    def observe(self, record: Record) -> Observation:
        """The record as identifiers and claims; pure."""
        return observe(record, self._rules)

    def _access(self) -> dict[str, Access]:
        names = (name for part in self._options.ranges for name in part.credentials)
        return unlock(self._name, names, self._loaded)

    def _check_range(self, part: Range, access: dict[str, Access]) -> Iterator[Finding]:
        label = ", ".join(part.targets)
        targets = list(islice(part.addresses(), _SAMPLE))
        outcomes = [
            o for ready in Scan(self._options, access, self._rules, job=Job.PROBE).outcomes(targets) for o in ready
        ]
        for outcome in outcomes:
            if outcome.problem and (outcome.target.named or not outcome.silent):
                yield Finding(Severity.FAULT, f"{outcome.target.label}: {outcome.problem}")
        answered = [outcome for outcome in outcomes if outcome.credential]
        if answered:
            used = ", ".join(sorted({str(outcome.credential) for outcome in answered}))
            yield Finding(
                Severity.OK, f"{label}: {len(answered)} of the first {len(outcomes)} addresses answer ({used})"
            )
        elif all(outcome.silent and not outcome.target.named for outcome in outcomes):
            yield Finding(
                Severity.ADVICE,
                f"{label}: none of the first {len(outcomes)} addresses answers",
                "Check the network and the credentials if there should be devices.",
            )


def own_vendors(options: SnmpOptions, loaded: Loaded) -> Path | None:
    """Where the city's own vendor rules are."""
    return loaded.folder / options.vendors if options.vendors else None


class _Gathered:
    """What a pass has seen so far, so that a device with two addresses is one record; empty addresses wait for the next page."""

    def __init__(self, rules: Rules, memory: Memory | None, place: Place) -> None:
        self._rules = rules
        self._memory = memory
        self._place = place
        self._done = place.done
        self._points = place.points
        self._met = Meetings(place.met)
        self._clear()

    def add(self, outcomes: list[Outcome]) -> None:
        """Takes the outcomes in."""
        self._done += len(outcomes)
        for outcome in outcomes:
            quiet = outcome.silent and not outcome.target.named
            self._answers.append(_answer(outcome, optional=quiet))
            if outcome.answered_at is None or outcome.problem is not None:
                reason = SILENT if quiet else outcome.problem or SILENT
                self._failed.append(FailedPart(outcome.target.label, reason, optional=quiet))
                continue
            if outcome.reading is None:
                continue
            if outcome.reading.gaps:
                reason = "not read whole: " + "; ".join(outcome.reading.gaps)
                self._failed.append(FailedPart(outcome.target.label, reason))
            if outcome.reading.blurred:
                what = "; ".join(outcome.reading.blurred)
                self._warnings.append(N_(f"{outcome.target.label}: what is around it was not read whole: {what}."))
            if outcome.reading.is_inventory:
                for record in self._records(outcome.reading, outcome.answered_at):
                    if POINT in record.body:
                        self._points.setdefault(record.native_id, record)
                    else:
                        self._keep(record)
            if seen := around(outcome.reading):
                self._around.append(seen)
            if outcome.reading.load is not None:
                self._loads.append(outcome.reading.load)

    def _records(self, reading: Reading, at: datetime) -> list[Record]:
        """The reading's records. Where a table broke off, one that is known says what it said before, for half a table takes nothing
        away; and where devices are known at this address, no others are: what lacks its serial number goes by another id.
        """
        found = records(reading, at, self._rules)
        if not reading.gaps or self._memory is None:
            return found
        before = self._memory.bodies([record.native_id for record in found])
        here = [native_id for native_id, body in self._memory.bodies_of(reading.address).items() if POINT not in body]
        return [
            replace(record, body=before.get(record.native_id, record.body))
            for record in found
            if POINT in record.body or not here or record.native_id in before
        ]

    def add_points(self) -> None:
        """Takes in the access points that did not answer themselves, once all targets are known."""
        self._kept += [record for native_id, record in self._points.items() if native_id not in self._met]
        self._points.clear()

    @property
    def has_records(self) -> bool:
        """Whether the next page brings devices, or what stands around them."""
        return bool(self._kept or self._around or self._loads)

    @property
    def is_far(self) -> bool:
        """Whether the next page brings a checkpoint."""
        return is_worth(self._done, self._place.done)

    def page(self) -> Page:
        """Everything taken in since the last page."""
        if self.is_far:
            self._place = replace(self._place, done=self._done)
            checkpoint = self._place.text()
        else:
            checkpoint = None
        page = Page(
            tuple(self._kept),
            tuple(self._rejected),
            checkpoint,
            warnings=tuple(self._warnings),
            failed_parts=tuple(self._failed),
            around=tuple(self._around),
            answers=tuple(self._answers),
            loads=tuple(self._loads),
        )
        self._clear()
        return page

    def _clear(self) -> None:
        self._kept: list[Record] = []
        self._rejected: list[Rejected] = []
        self._warnings: list[str] = []
        self._failed: list[FailedPart] = []
        self._answers: list[Answer] = []
        self._around: list[Around] = []
        self._loads: list[Load] = []

    def _keep(self, record: Record) -> None:
        match self._met.take(record):
            case Record() as new:
                self._kept.append(new)
            case Rejected() as bad:
                self._rejected.append(bad)
            case told:
                self._warnings.append(told)


def _answer(outcome: Outcome, *, optional: bool) -> Answer:
    """A silent one is told by its first sentence: the long one is the run's."""
    problem = outcome.problem or (None if outcome.answered_at else SILENT)
    return Answer(outcome.target.label, outcome.answered_at or datetime.now(UTC), outcome.credential, problem, optional)
