"""action where: where a device is, shown once to who had it located."""

from pathlib import Path

from devreg import wiring
from devreg.action_ports import Ask
from devreg.domain.rights import Right
from devreg.services import action_page, finding
from devreg.services.acting import ask
from devreg.terminal import note, say


def where(config: Path | None, which: str) -> int:
    """Print where it is; 1 when its tool does not say."""
    app = wiring.open_app(config)
    t, who, number = app.t, app.actor(), action_page.parse(which)
    ask(app.sessions, who, Right.ACT, doing="see where a device is", now=wiring.now(), about=which)
    source = action_page.look(app.sessions, number).intent.bound.source
    found = finding.find(app.sessions, who, number, wiring.sender(app, source, Ask(who.entra, note)), clock=wiring.now)
    if found is None:
        note(t("Its tool does not say where it is, yet or any more. Nothing was shown; ask again later."))
        return 1
    say(found.coordinates)
    if found.accuracy_m is not None:
        say(t("within {metres} m", metres=t.number(found.accuracy_m)))
    if found.at is not None:
        say(t("as of {time}", time=t.datetime(found.at)))
    note(t("Shown once; where it is is kept nowhere here."))
    return 0
