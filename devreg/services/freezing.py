"""Stopping all remote actions: by a file on this machine, which needs neither network nor database, and for everybody in the register."""

import os
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import orjson

from devreg.domain.action import Hold
from devreg.domain.rights import Actor, Right
from devreg.errors import Misconfigured, Refused
from devreg.services.acting import act
from devreg.store import intents
from devreg.store.engine import Session, Sessions
from devreg.store.repeating import repeats

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)


class Brake(msgspec.Struct, frozen=True):
    """What is looked at right before anything is sent."""

    file: Path
    """While it is there, whatever is in it, this machine sends nothing."""

    @property
    def is_pulled(self) -> bool:
        """Whether this machine is stopped; a file that can't be looked at counts as there."""
        try:
            os.lstat(self.file)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return True

    def demand_file(self) -> None:
        """Raises Refused while the file is there."""
        if self.is_pulled:
            raise Refused(
                f"All remote actions are frozen: {self.file}.",
                next_step="An approver lets them go again: `devreg action unfreeze --reason TEXT`.",
            )

    def demand(self, session: Session) -> None:
        """Raises Refused while this machine, or everybody, is stopped."""
        self.demand_file()
        if any(found.kind is Hold.FREEZE for found in intents.held(session)):
            raise Refused(
                "All remote actions are frozen for everybody.",
                next_step="An approver lets them go again: `devreg action unfreeze --reason TEXT`.",
            )


def pull(brake: Brake, reason: str, now: datetime) -> str | None:
    """Stop this machine; why that failed, if it did."""
    line = orjson.dumps({"at": now, "reason": reason}, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)
    try:
        with os.fdopen(os.open(brake.file, _FLAGS, 0o600), "wb") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return None if brake.is_pulled else f"{brake.file}: {error.strerror or error}"
    return None


@repeats
def freeze(sessions: Sessions, actor: Actor, reason: str, *, now: datetime) -> None:
    """Stop everybody who uses this register. Raises what `act` does; the file of `pull` holds without it."""
    with act(sessions, actor, Right.ACT, doing="freeze remote actions", now=now, reason=reason) as doing:
        intents.hold(doing.session, Hold.FREEZE, doing.by, doing.reason, now)
        doing.tell("freeze", "register")


@repeats
def unfreeze(sessions: Sessions, actor: Actor, brake: Brake, reason: str, *, now: datetime) -> None:
    """Let actions go again, here and for everybody. Raises Refused, and Misconfigured when nothing is frozen."""
    with act(sessions, actor, Right.APPROVE, doing="unfreeze remote actions", now=now, reason=reason) as doing:
        if not doing.reason:
            raise Misconfigured("A reason is missing.", next_step="Give one: --reason TEXT.")
        lifted = intents.lift(doing.session, Hold.FREEZE, doing.by, doing.reason, now)
        if not lifted and not brake.is_pulled:
            raise Misconfigured("Nothing is frozen.")
        doing.tell("unfreeze", "register")
    try:
        brake.file.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(
            f"This machine stays frozen: {brake.file} can't be removed: {error.strerror or error}.",
            next_step="Remove it by hand.",
        ) from error


@repeats
def unhold(sessions: Sessions, actor: Actor, reason: str, *, now: datetime) -> None:
    """Let wipes go again after too many were requested. Raises Refused for who set the hold off."""
    with act(sessions, actor, Right.APPROVE, doing="lift the hold on wipes", now=now, reason=reason) as doing:
        if not doing.reason:
            raise Misconfigured("A reason is missing.", next_step="Give one: --reason TEXT.")
        held = next((found for found in intents.held(doing.session) if found.kind is Hold.RATE), None)
        if held is None:
            raise Misconfigured("Wipes are not on hold.")
        if held.by == actor.name:
            raise Refused(
                f"{actor.name} set the hold off; a second person lifts it.", next_step="Ask another approver to."
            )
        intents.lift(doing.session, Hold.RATE, doing.by, doing.reason, now)
        doing.tell("unhold", "register")
