"""transition, suggestion: devices taken from state to state, and what sources suggest of it."""

from collections.abc import Sequence
from pathlib import Path

from devreg import wiring
from devreg.commands.editing import pairs, say_edited
from devreg.domain.device import State, device_ref
from devreg.domain.lifecycle import Document, Paper
from devreg.domain.words import LABELS
from devreg.errors import Misconfigured
from devreg.services import editing, lifecycle, suggesting
from devreg.services.browse import Browser
from devreg.terminal import note, say
from devreg.text import typed


def transition(
    config: Path | None,
    device: str,
    state: str | None,
    fields: Sequence[str],
    *,
    reason: str | None,
    documents: Sequence[str],
) -> None:
    """Take a device to a state; without one, print where it can go and what each step asks for."""
    app = wiring.open_app(config)
    t, browser = app.t, Browser(app.sessions, app.t.language)
    device_id = browser.find(device)
    if state is None:
        now_in, steps = lifecycle.steps_of(app.sessions, device_id)
        say(f"{device_ref(device_id)}: {t(LABELS[now_in])}")
        width = max((len(str(item.target)) for item in steps), default=0)
        for item in steps:
            asks = "; ".join(t(lifecycle.LACKING[what][0]) for what in item.lacking)
            asked = f"  ({t('missing: {what}', what=asks)})" if asks else ""
            say(f"  {item.target!s:<{width}}  {t(item.step.name)} → {t(LABELS[item.target])}{asked}")
        return
    if state not in set(State):
        raise Misconfigured(f"{state!r} is no state.", next_step=f"There are: {', '.join(State)}.")
    given = {name: value for name, value in editing.parse(pairs(app, fields)).items() if value is not None}
    moved = lifecycle.transition(
        app.sessions,
        app.actor(),
        device_id,
        State(state),
        reason=reason or "",
        given=given,
        documents=[_document(text) for text in documents],
        now=wiring.now(),
    )
    step = t(moved.step.name)
    say(f"{device_ref(device_id)}: {t(LABELS[moved.before])} → {t(LABELS[moved.after])} ({step})")
    say_edited(t, browser, moved.edited)
    if moved.next_step:
        note(t.said(moved.next_step))


def dismiss(config: Path | None, device: str, *, reason: str) -> None:
    """Say no to what is suggested for a device."""
    app = wiring.open_app(config)
    device_id = Browser(app.sessions, app.t.language).find(device)
    rule = suggesting.dismiss(app.sessions, app.actor(), device_id, reason=reason, now=wiring.now())
    say(app.t("{device}: dismissed ({why}).", device=device_ref(device_id), why=app.t(LABELS[rule])))


def _document(text: str) -> Document:
    kind, _, said = text.partition("=")
    ref = typed(said)
    if ref is None or kind not in set(Paper):
        raise Misconfigured(
            f"{text!r} names no document.", next_step=f"Write KIND=REFERENCE; kinds are {', '.join(Paper)}."
        )
    return Document(Paper(kind), ref)
