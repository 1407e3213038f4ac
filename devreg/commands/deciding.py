"""review, db replay: what people decide about identity, and the register rebuilt by it."""

from pathlib import Path

from devreg import wiring
from devreg.commands import looking
from devreg.domain.device import device_ref
from devreg.errors import Misconfigured
from devreg.i18n import N_
from devreg.services import devices
from devreg.services import replay as rebuilding
from devreg.services import review as service
from devreg.services.browse import Browser
from devreg.services.review import Answer, Decided
from devreg.terminal import progress, say
from devreg.wiring import App


def review(
    config: Path | None, question: str | None, answer: str | None, *, into: str | None, reason: str | None, form: str
) -> None:
    """List the open questions, answer one, or take a decision back (`undo` and its number)."""
    if question is None:
        looking.list_view(config, "review", search="", where=(), sort=None, columns=None, limit=None, form=form)
        return
    if answer is None:
        raise Misconfigured("An answer or a decision is missing.", next_step=_USAGE)
    app = wiring.open_app(config)
    if question == "undo":
        _tell(app, service.undo(app.sessions, _number(answer), actor=app.actor(), now=wiring.now()))
        return
    if answer not in set(Answer):
        raise Misconfigured(f"{answer!r} is no answer.", next_step=_USAGE)
    target = Browser(app.sessions, app.t.language).find(into) if into is not None else None
    decided = service.decide(
        app.sessions,
        _number(question),
        Answer(answer),
        into=target,
        actor=app.actor(),
        reason=reason,
        now=wiring.now(),
    )
    _tell(app, decided)


def replay(config: Path | None) -> int:
    """Rebuild every device; 1 when some records can't be read any more."""
    app = wiring.open_app(config)
    who = app.actor()
    feeds = wiring.feeds(app)
    feeds[devices.HAND] = devices.by_hand(who.name)
    with progress(app.t) as lines:
        line = lines.begin("replay")
        done = rebuilding.replay(
            app.sessions,
            feeds,
            actor=who,
            now=wiring.now(),
            policy=app.loaded.settings.policy,
            progress=lambda n: lines.move(line, "replay", n),
        )
        lines.end(line)
    n = app.t.number
    say(
        app.t(
            "Records: {records}; read differently now: {reread}; not readable any more: {broken}.",
            records=n(done.records),
            reread=n(done.reread),
            broken=n(done.broken),
        )
    )
    return 1 if done.broken else 0


_USAGE = N_("Such as `devreg review 12 merge --into D000123`, `devreg review 12 keep` or `devreg review undo 3`.")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Misconfigured(f"{text!r} is no number.", next_step=_USAGE)
    return int(text)


def _tell(app: App, decided: Decided) -> None:
    refs = " ".join(device_ref(number) for number in decided.device_ids)
    say(app.t("Decision {number}: {devices}", number=decided.decision_id, devices=refs))
