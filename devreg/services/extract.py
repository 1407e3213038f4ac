"""All that the register holds on one person, as one document: what somebody has a right to see (GDPR article 15, safety.md 31)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from devreg.domain.rights import Actor, Right
from devreg.i18n import N_
from devreg.services.acting import act
from devreg.services.custody import PersonPage, person_page
from devreg.store import mentions
from devreg.store.engine import Sessions, told_plainly


def extract(
    sessions: Sessions, actor: Actor, text: str, file: str, write: Callable[[dict[str, Any]], None], now: datetime,
    reason: str | None = None,
) -> int:  # fmt: skip
    """Have all that is held on somebody, named by address or exact name, written by `write`; how many rows it is.

    That it was taken out, by whom and when, is in the audit trail, and in the next extract. Raises NotFound, and Ambiguous listing all.
    """
    doing_ = N_("take out what is held on a person")
    with act(sessions, actor, Right.KEEP, doing=doing_, now=now, reason=reason, about="person") as doing:
        page = person_page(sessions, text)
        held = _held(sessions, page)
        rows = sum(map(len, held.values()))
        write({"person": page.who, "addresses": page.addresses, "at": now, "devices_had": _spans(page), "rows": held})
        doing.tell("extract", "person", after={"who": page.who, "rows": rows, "file": file})
    return rows


def _held(sessions: Sessions, page: PersonPage) -> dict[str, list[dict[str, Any]]]:
    names = {account.name for account in page.accounts if account.name} | {
        span.holder for span in page.had if span.holder
    }
    with told_plainly("read the register"), sessions.read.begin() as session:
        found = mentions.rows(session, page.addresses)
        devices = {span.device_id for span in page.had} | {row["id"] for row in found.get("device", ())}
        by_name = mentions.holder_lines(session, devices, names)
    known = {row["id"] for row in found.get("change", ())}
    lines = [*found.get("change", ()), *(line for line in by_name if line["id"] not in known)]
    return {**found, "change": sorted(lines, key=lambda line: line["id"])} if lines else found


def _spans(page: PersonPage) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(span) for span in page.had]
