"""What the palette offers: lists, actions that work here, languages, and the device somebody names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from devreg.domain.sorting import fold
from devreg.i18n import LANGUAGES, N_
from tui.keys import ACTIONS, VIEW_KEYS, Action, Where, actions, shown

if TYPE_CHECKING:
    from tui.app import DevregApp

_LANGUAGE_NAMES = {"fi": "suomi", "sv": "svenska", "en": "English"}


class Command(msgspec.Struct, frozen=True):
    """One line of the palette."""

    text: str
    keys: str
    action: str
    """Textual action on the app; with typed text, the name of the app's method that takes it."""
    typed: str = ""
    """Text that somebody typed; handed over as a value, never put into the action."""


def commands(app: DevregApp, places: tuple[Where, ...]) -> Iterator[Command]:
    """Everything that can be done from here."""
    for view in app.views.values():
        yield Command(
            app.t("Go to: {list}", list=app.t(view.title)), VIEW_KEYS.get(view.name, ""), f"open_view('{view.name}')"
        )
    for action in actions(*places):
        if action.palette and _is_there(action, app) and app.offers(action):
            text = app.t(action.explain or action.label)
            yield Command(text, app.t(shown(action.keys[0])), f"perform({ACTIONS.index(action)})")
    yield from _about_acts(app)
    for language in LANGUAGES:
        yield Command(app.t(N_("Language: {name}"), name=_LANGUAGE_NAMES[language]), "", f"speak('{language}')")


def _is_there(action: Action, app: DevregApp) -> bool:
    """Whether what the action needs was given to the screen at all."""
    match action.id:
        case "collect":
            return app.collect is not None
        case "acts":
            return app.acts.are_there
        case _:
            return True


def _about_acts(app: DevregApp) -> Iterator[Command]:
    """Stopping and letting go; none of them has a key."""
    head = app.acts.head
    if head is None:
        return
    if "actions" in app.views:
        yield Command(app.t(N_("What waits for a second person")), "", "waiting")
    yield Command(app.t(N_("Freeze all remote actions")), "", "freeze")
    if head.is_frozen:
        yield Command(app.t(N_("Let remote actions go again")), "", "unfreeze")
    if head.is_on_hold:
        yield Command(app.t(N_("Lift the hold on wipes")), "", "unhold")


def matching(offered: list[Command], text: str, app: DevregApp) -> list[Command]:
    """Commands with every word of the text; and, when something was typed, ways to look for it."""
    words = fold(text).split()
    found = [command for command in offered if all(word in fold(command.text) for word in words)]
    if typed := text.strip():
        found.append(Command(app.t("Open the device {text}", text=typed), "", "find", typed))
        found.append(Command(app.t("Search devices: {text}", text=typed), "", "search_devices", typed))
    return found
