"""alarm: what the register has told, and who took it up."""

from pathlib import Path

from devreg import wiring
from devreg.errors import Misconfigured
from devreg.services import alarms
from devreg.terminal import say


def acknowledge(config: Path | None, number: str, reason: str | None) -> None:
    """Take an alarm up."""
    if not (number.isascii() and number.isdigit()):
        raise Misconfigured(f"{number!r} is no number.", next_step="Such as `devreg alarm ack 12`.")
    app = wiring.open_app(config)
    alarms.acknowledge(app.sessions, app.actor(), int(number), reason, wiring.now())
    say(app.t("Alarm {number}: taken up.", number=number))
