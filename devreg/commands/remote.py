"""action: remote actions asked for, approved, sent, followed, and stopped."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import orjson

from devreg import config_file, wiring
from devreg.action_ports import Ask
from devreg.commands.action_lines import page_lines, summary, tell_settled
from devreg.domain.action import Standing
from devreg.domain.device import State, device_ref, intent_ref
from devreg.domain.guarding import is_destructive
from devreg.domain.platforms import RemoteAct
from devreg.domain.rights import Right
from devreg.domain.words import label
from devreg.errors import DevregError, Misconfigured
from devreg.i18n import spoken
from devreg.services import act, action_page, asking, freezing, limiting, losing, settle
from devreg.services.acting import ask
from devreg.services.browse import Browser
from devreg.store.intents import Intent
from devreg.terminal import complain, note, say
from devreg.text import marked
from devreg.wiring import App

_GOOD = (Standing.ACCEPTED, Standing.CONFIRMED, Standing.NEEDS_APPROVAL, Standing.REQUESTED, Standing.APPROVED)


def request(
    config: Path | None,
    kind: str,
    device: str,
    *,
    reason: str,
    confirm: str | None,
    despite: str | None,
    via: str | None,
    then: str | None,
    options: Sequence[str],
) -> int:
    """Ask for an action; what can be taken back is sent at once."""
    app = wiring.open_app(config)
    device_id = Browser(app.sessions, app.t.language).find(device)
    wish = asking.Wish(
        device_id=device_id,
        act=_act(kind),
        reason=reason,
        via=via,
        typed=confirm,
        despite=despite,
        then_state=_state(then),
        options=_options(options),
    )
    found = asking.ask(
        app.sessions,
        app.actor(),
        wish,
        wiring.brake(app),
        now=wiring.now(),
        protected=wiring.limits(app).protected,
    )
    if not is_destructive(wish.act):
        return _send(app, found.id)
    return _tell(app, found.id)


def lost(config: Path | None, device: str, *, reason: str) -> int:
    """Lock what is lost, where something can, and say that it is lost; 1 when only one of both was done."""
    app = wiring.open_app(config)
    device_id = Browser(app.sessions, app.t.language).find(device)
    found = losing.report(
        app.sessions,
        app.actor(),
        device_id,
        wiring.brake(app),
        reason=reason,
        now=wiring.now(),
        protected=wiring.limits(app).protected,
    )
    if found.unmoved is None:
        say(f"{device_ref(device_id)}: {app.t(label(State.LOST))}")
    for what in found.instead:
        note(app.t(what))
    for error in (found.unlocked, found.unmoved):
        if error is not None:
            complain(error)
    if found.intent is None:
        return int(found.unlocked is not None)
    return _send(app, found.intent.id) or int(found.unmoved is not None)


def approve(config: Path | None, action: str, *, reason: str | None) -> int:
    """Say yes to what somebody else requested."""
    app, number = _opened(config, action)
    act.approve(app.sessions, app.actor(), number, reason=reason, now=wiring.now())
    return _tell(app, number)


def reject(config: Path | None, action: str, *, reason: str) -> int:
    """Say no to what somebody else requested."""
    app, number = _opened(config, action)
    act.reject(app.sessions, app.actor(), number, reason=reason, now=wiring.now())
    return _tell(app, number, wanted=True)


def cancel(config: Path | None, action: str, *, reason: str) -> int:
    """Call off what has not been sent."""
    app, number = _opened(config, action)
    act.cancel(app.sessions, app.actor(), number, reason=reason, now=wiring.now())
    return _tell(app, number, wanted=True)


def send(config: Path | None, action: str) -> int:
    """Send what was requested and may be sent."""
    app, number = _opened(config, action)
    return _send(app, number)


def settled(config: Path | None, actions: Sequence[str], *, outcome: str | None, reason: str | None) -> int:
    """Look what became of actions, of all that are due when none is named; or say it by hand."""
    app = wiring.open_app(config)
    numbers = [action_page.parse(text) for text in actions]
    if outcome is not None:
        if len(numbers) != 1 or outcome not in set(Standing):
            raise Misconfigured(
                "One action is settled by hand at a time.", next_step=f"--as one of: {', '.join(settle.BY_HAND)}."
            )
        settle.say(app.sessions, app.actor(), numbers[0], Standing(outcome), reason=reason or "", now=wiring.now())
        return _tell(app, numbers[0], wanted=True)
    for number in numbers:
        action_page.look(app.sessions, number)  # names the one there is not
    looked = wiring.settle(app, numbers or None)
    for one in looked:
        tell_settled(app.t, one)
    return int(any(one.problem is not None for one in looked))


def show(config: Path | None, action: str, form: str) -> None:
    """Print one action with its timeline."""
    if form not in {"table", "json"}:
        raise Misconfigured(f"There is no format {form!r}.", next_step="There are table and json.")
    app, number = _opened(config, action)
    page = action_page.look(app.sessions, number)
    if form == "json":
        say(orjson.dumps(msgspec.to_builtins(page), option=orjson.OPT_INDENT_2).decode())
        return
    for line in page_lines(app.t, page):
        say(marked(line))


def freeze(config: Path | None, *, reason: str) -> int:
    """Stop this machine by a file, whatever else is broken; then everybody by the register, when it can be reached."""
    brake = freezing.Brake(wiring.brake_file(config_file.find(config)))
    trouble = freezing.pull(brake, reason, wiring.now())
    try:
        app = wiring.open_app(config)
        freezing.freeze(app.sessions, app.actor(), reason, now=wiring.now())
    except DevregError as error:
        complain(error)
        note(trouble or spoken()("The register could not be told: only this machine is frozen."))
        return 1
    if trouble is not None:
        note(trouble)
    say(app.t("Remote actions are frozen for everybody: {file}", file=str(brake.file)))
    return 0


def unfreeze(config: Path | None, *, reason: str) -> None:
    """Let remote actions go again."""
    app = wiring.open_app(config)
    freezing.unfreeze(app.sessions, app.actor(), wiring.brake(app), reason, now=wiring.now())
    say(app.t("Remote actions go again."))


def unhold(config: Path | None, *, reason: str) -> None:
    """Let wipes go again after too many were requested."""
    app = wiring.open_app(config)
    freezing.unhold(app.sessions, app.actor(), reason, now=wiring.now())
    say(app.t("Wipes are no longer on hold."))


def limits(config: Path | None, *, apply: bool) -> int:
    """Print the limits in force, and those of the settings where they differ; put those into force."""
    app = wiring.open_app(config)
    wanted = wiring.limits(app)
    if apply:
        limiting.apply(app.sessions, app.actor(), wanted, now=wiring.now())
    in_force = limiting.in_force(app.sessions)
    differ = False
    for name, value in msgspec.to_builtins(in_force).items():
        theirs = getattr(wanted, name)
        line = f"{name}: {_plain(value)}"
        if msgspec.to_builtins(theirs) != value:
            differ = True
            line += "  " + app.t("(the settings say {value})", value=_plain(msgspec.to_builtins(theirs)))
        say(line)
    if differ:
        note(app.t("An admin puts those of the settings into force: `devreg action limits --apply`."))
    return int(differ)


def _plain(value: object) -> str:
    return (", ".join(map(str, value)) or "–") if isinstance(value, list | tuple) else str(value)


def _opened(config: Path | None, action: str) -> tuple[App, int]:
    return wiring.open_app(config), action_page.parse(action)


def _send(app: App, number: int) -> int:
    who = app.actor()
    ask(app.sessions, who, Right.ACT, doing="send an action", now=wiring.now(), about=intent_ref(number))
    source = action_page.look(app.sessions, number).intent.bound.source
    sender = wiring.sender(app, source, Ask(who.entra, note))
    act.send(app.sessions, who, number, sender, wiring.brake(app), clock=wiring.now)
    return _tell(app, number)


def _tell(app: App, number: int, *, wanted: bool = False) -> int:
    """How it stands now, and what comes next; 1 when it did not go as asked."""
    page = action_page.look(app.sessions, number)
    found: Intent = page.intent
    say(summary(app.t, found))
    for text in (found.said, page.next_step):
        if text:
            note(app.t.said(text))
    if page.sendable_from is not None and page.sendable_from > wiring.now():
        note(app.t("It can be sent from {time} on.", time=app.t.datetime(page.sendable_from)))
    return 0 if wanted or found.standing in _GOOD else 1


def _act(text: str) -> RemoteAct:
    name = text.strip().replace("-", "_")
    if name not in set(RemoteAct):
        raise Misconfigured(f"{text!r} is no remote action.", next_step=f"There are: {', '.join(RemoteAct)}.")
    return RemoteAct(name)


def _state(text: str | None) -> State | None:
    if text is None:
        return None
    if text not in set(State):
        raise Misconfigured(f"{text!r} is no state.", next_step=f"There are: {', '.join(State)}.")
    return State(text)


def _options(pairs: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise Misconfigured(f"{pair!r} is no NAME=VALUE.", next_step="Such as --option message='Call 09 505 61'.")
        found[name.strip()] = value.strip()
    return found
