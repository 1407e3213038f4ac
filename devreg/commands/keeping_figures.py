"""snapshot: the term's figures kept, and what changed since the last time."""

from datetime import date
from pathlib import Path

from devreg import wiring
from devreg.commands.following import follow
from devreg.services import snapshots
from devreg.services.equality_changes import sentences
from devreg.terminal import note, say


def snapshot(config: Path | None, day: date | None, reason: str | None, *, replace: bool) -> None:
    """Keep them, print the day, and tell in three sentences what changed."""
    app = wiring.open_app(config)
    follow(app)
    settings, now = app.loaded.settings.equality, wiring.now()
    kept = snapshots.keep(app.sessions, app.actor(), settings, now, day=day, replace=replace, reason=reason)
    say(kept.day.isoformat())
    if kept.devices_on != kept.day:
        made, asked = app.t.date(kept.devices_on), app.t.date(kept.day)
        note(
            app.t(
                "Pupils, targets and ends of support are those of {day}. The devices of that day are not kept: they are those of {made}.",
                day=asked,
                made=made,
            )
        )
    if kept.change is None:
        note(app.t("There is no earlier picture to compare it with."))
        return
    for line in sentences(kept.change, kept.names, app.t):
        note(line)
