"""The audit trail as a whole: verified, anchored, told, and freed of details whose time is over."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from devreg.domain import chain
from devreg.domain.absence import Verdict
from devreg.domain.chain import Anchor, Deed, Detail, Outcome, Verified
from devreg.domain.device import run_ref
from devreg.domain.rights import Actor, Right
from devreg.errors import DatabaseUnavailable, Misconfigured, Refused
from devreg.ports import Finding, Outside, Severity
from devreg.services import witness
from devreg.services.acting import act
from devreg.store import audit
from devreg.store.audit import Head
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats
from devreg.store.runs import Ended
from devreg.store.types import json_text
from devreg.text import evidence

_OLD: Final = timedelta(days=7)


class Report(msgspec.Struct, frozen=True):
    """What a verification found."""

    verified: Verified
    anchors: int
    """How many anchors it was compared with."""
    unreadable: Mapping[str, int]
    """File -> lines in it that make no sense."""
    guards_missing: tuple[str, ...]
    """Triggers that should keep the tables append-only and are not there."""

    @property
    def is_sound(self) -> bool:
        """Whether everything can be believed, as far as the anchors reach."""
        return self.verified.fault is None and not self.guards_missing


def verify(sessions: Sessions, anchors: Iterable[Anchor] = ()) -> Report:
    """Follow the chain from its first row and compare it with every anchor the settings' files hold, and with those given.

    Raises DatabaseUnavailable, and Refused when a file of anchors can't be read.
    """
    known, unreadable = list(anchors), {}
    for path in places(sessions.outside):
        place = witness.read(path)
        known += place.anchors
        if place.unreadable:
            unreadable[str(path)] = place.unreadable
    with told_plainly("read the audit trail"), sessions.read.begin() as session:
        verified = chain.verify(audit.rows(session), known, audit.purged_to(session))
        missing = tuple(sorted(audit.guards_missing(session)))
    return Report(verified, len(known), unreadable, missing)


def head(sessions: Sessions) -> Head:
    """Where the trail ends now."""
    with told_plainly("read the audit trail"), sessions.read.begin() as session:
        return audit.head(session)


def anchor(sessions: Sessions, now: datetime) -> Head:
    """Write the trail's end to every place of the settings. Raises Refused naming those that could not be written."""
    end = head(sessions)
    failed: list[Refused] = []
    for path in places(sessions.outside):
        try:
            witness.write_anchor(path, end, now)
        except Refused as error:
            failed.append(error)
    if failed:
        raise Refused(" ".join(error.what for error in failed), next_step=failed[0].next_step)
    return end


def demand_sinks(sessions: Sessions, now: datetime) -> None:
    """Raises Misconfigured or Refused unless the trail is told in two places: what can't be undone is not done on one witness."""
    path = sessions.outside.file
    if path is None:
        raise Misconfigured(
            "This needs a second place for the audit trail.", next_step="Name a file in [audit] file of the settings."
        )
    witness.write_anchor(path, head(sessions), now)


def digest(session: Session, outside: Outside, actor: Actor, ended: Ended, now: datetime) -> None:
    """One row for a run that ends, in its own unit of work. Raises Refused when the second place can't be written."""
    outcome = Outcome.FAILED if ended.verdict == Verdict.FAILED else Outcome.DONE
    role, right = str(actor.role), str(Right.COLLECT)
    deed = Deed(role, right, "collect", run_ref(ended.run_id), outcome, run_id=ended.run_id)
    figures = {"source": ended.source, "verdict": str(ended.verdict), **msgspec.structs.asdict(ended.counts)}
    error = evidence(ended.error) if ended.error else None
    detail = Detail(actor.name, actor.entra, actor.host or None, error=error, after=json_text(figures))
    witness.write_rows(outside, [audit.append(session, deed, detail, now)])


def export(sessions: Sessions, actor: Actor, out: str, write: Callable[[], int], now: datetime) -> int:
    """Have the trail written by `write`, which says how many rows it wrote; that it was taken out is in the trail itself."""
    with act(sessions, actor, Right.KEEP, doing="export the audit trail", now=now, about="audit") as doing:
        rows = write()
        doing.tell("export", "audit", after={"rows": rows, "file": out})
    return rows


class Purged(msgspec.Struct, frozen=True):
    """What a purge did."""

    up_to: int
    rows: int


@repeats
def purge(sessions: Sessions, actor: Actor, keep: timedelta, reason: str | None, now: datetime) -> Purged:
    """Remove who, why and the values from rows older than `keep`; the rows themselves stay, and one says what was removed."""
    with act(
        sessions, actor, Right.KEEP, doing="purge the audit trail", now=now, reason=reason, about="audit"
    ) as doing:
        up_to = audit.older_than(doing.session, now - keep)
        if up_to <= audit.purged_to(doing.session):
            return Purged(up_to, 0)
        doing.tell("purge", "audit", after={"up_to": up_to}, purged_to=up_to)
        doing.write_down()
        return Purged(up_to, audit.drop_details(doing.session, up_to))


def findings(sessions: Sessions, now: datetime) -> Iterator[Finding]:
    """What `check` says of the trail; nothing where there is no register."""
    try:
        with told_plainly("read the audit trail"), sessions.read.begin() as session:
            missing, end = audit.guards_missing(session), audit.head(session)
    except DatabaseUnavailable:
        return
    for name in sorted(missing):
        yield Finding(
            Severity.FAULT,
            f"the trigger {name} is gone, which keeps the audit trail from being changed",
            "Run `devreg audit verify`, and restore a backup from before.",
        )
    if not sessions.outside.anchors:
        yield Finding(
            Severity.ADVICE,
            "no file is set for anchors of the audit trail: nobody could tell if its end were cut",
            "Name one in [audit] anchors, best where who keeps the register can only append.",
        )
    for path in sessions.outside.anchors:
        yield _anchored(path, end, now)


def _anchored(path: Path, end: Head, now: datetime) -> Finding:
    try:
        anchors = witness.read(path).anchors
    except Refused as error:
        return Finding(Severity.FAULT, error.what, error.next_step)
    if not anchors:
        return Finding(Severity.ADVICE, f"{path} holds no anchor of the audit trail yet", "Run `devreg audit anchor`.")
    last = anchors[-1]
    if last.count != end.count and last.at is not None and now - last.at > _OLD:
        return Finding(
            Severity.ADVICE,
            f"the last anchor of the audit trail in {path} is older than a week",
            "Run `devreg audit anchor`.",
        )
    return Finding(Severity.OK, f"the audit trail is anchored in {path}")


def places(outside: Outside) -> tuple[Path, ...]:
    """Every file that holds anchors."""
    return outside.anchors if outside.file is None else (outside.file, *outside.anchors)
