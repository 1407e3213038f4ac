"""Asset tags that the register gives: each once, to a device or to a label that waits for one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.asset_tags import Series
from devreg.domain.device import device_ref
from devreg.domain.rights import Actor, Right
from devreg.errors import Misconfigured, Refused
from devreg.services import editing
from devreg.services.acting import REGISTER, act
from devreg.store import tags
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats

MOST: Final = 1_000
"""Tags that one command gives."""


class Tagged(msgspec.Struct, frozen=True):
    """A device and its tag."""

    device_id: int
    tag: str
    is_new: bool
    """Given just now; else it had it."""

    @property
    def ref(self) -> str:
        """D000123."""
        return device_ref(self.device_id)


def upcoming(sessions: Sessions, series: Series, count: int) -> list[str]:
    """What would be given next; gives nothing."""
    _demand_few(count)
    with told_plainly("read the register"), sessions.read.begin() as session:
        return [tag for _, tag in _free(session, series, count)]


@repeats
def issue(sessions: Sessions, actor: Actor, series: Series, count: int, reason: str | None, now: datetime) -> list[str]:
    """So many tags for labels that wait for their devices."""
    _demand_few(count)
    with act(sessions, actor, Right.EDIT, doing="give asset tags", now=now, reason=reason) as doing:
        free = _free(doing.session, series, count)
        tags.keep(doing.session, series.prefix, {tag: (number, None) for number, tag in free}, doing.by, now)
        given = [tag for _, tag in free]
        doing.tell("give asset tags", REGISTER, after={"tags": given})
    return given


@repeats
def issue_to(
    sessions: Sessions, actor: Actor, series: Series, device_ids: Sequence[int], reason: str, now: datetime
) -> list[Tagged]:
    """The devices with their tags, in the order asked; one that has none is given one, with the reason."""
    _demand_few(len(device_ids))
    with act(sessions, actor, Right.EDIT, doing="give asset tags", now=now, reason=reason) as doing:
        had = tags.tagged(doing.session, device_ids)
        without = [device_id for device_id in dict.fromkeys(device_ids) if device_id not in had]
        free = _free(doing.session, series, len(without))
        given = dict(zip(without, (tag for _, tag in free), strict=True))
        numbered = {tag: (number, device_id) for device_id, (number, tag) in zip(without, free, strict=True)}
        tags.keep(doing.session, series.prefix, numbered, doing.by, now)
        for device_id, tag in given.items():
            editing.give(doing, device_id, {"asset_tag": tag})
    return [
        Tagged(device_id, given.get(device_id) or had[device_id], device_id in given)
        for device_id in dict.fromkeys(device_ids)
    ]


def tagged(sessions: Sessions, device_ids: Sequence[int]) -> list[Tagged]:
    """The devices with the tags they have. Raises Refused naming those that have none."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        had = tags.tagged(session, device_ids)
    without = [device_ref(device_id) for device_id in device_ids if device_id not in had]
    if without:
        raise Refused(
            f"No asset tag: {', '.join(without)}.", next_step="--issue gives each one of the register's own series."
        )
    return [Tagged(device_id, had[device_id], is_new=False) for device_id in dict.fromkeys(device_ids)]


def demand_well_typed(series: Series, tag: str) -> None:
    """Raises Misconfigured when it looks like a tag of the series and can't be one."""
    if series.is_mistyped(tag):
        raise Misconfigured(
            f"{tag!r} is mistyped: its last character does not fit the others.", next_step="Look at the label again."
        )


def _free(session: Session, series: Series, count: int) -> list[tuple[int, str]]:
    """Numbers and tags that nobody has; within an act nobody else can take them meanwhile."""
    found: list[tuple[int, str]] = []
    candidates = _after(session, series)
    while len(found) < count:
        some = [next(candidates) for _ in range(count - len(found))]
        there = tags.taken(session, [tag for _, tag in some])
        found += [(number, tag) for number, tag in some if tag not in there]
    return found


def _after(session: Session, series: Series) -> Iterator[tuple[int, str]]:
    number = max(series.first, tags.last_number(session, series.prefix) + 1)
    while (tag := series.tag(number)) is not None:
        yield number, tag
        number += 1
    raise Refused(
        f"The series of asset tags is full: {number} has more than {series.digits} digits.",
        next_step="Set more digits or another prefix in [tags].",
    )


def _demand_few(count: int) -> None:
    if not 0 < count <= MOST:
        raise Misconfigured(f"{count} tags can't be given at once.", next_step=f"Between 1 and {MOST}.")
