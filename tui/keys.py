"""The one table of actions: bindings, footer, help and palette are made from it."""

from enum import StrEnum
from typing import Final

import msgspec
from textual.binding import Binding, BindingType

from devreg.i18n import N_


class Where(StrEnum):
    """What must be on screen, or in focus, for an action to work."""

    APP = "app"
    LIST = "list"
    TABLE = "table"
    SEARCH = "search"
    FACETS = "facets"
    PAGE = "page"
    DEVICE = "device"
    ACTION = "action"
    CHOICE = "choice"
    FORM = "form"


TITLES: Final[dict[Where, str]] = {
    Where.APP: N_("Everywhere"),
    Where.LIST: N_("In a list"),
    Where.TABLE: N_("Moving in a list"),
    Where.SEARCH: N_("In the search field"),
    Where.FACETS: N_("In the filter panel"),
    Where.PAGE: N_("On a page"),
    Where.DEVICE: N_("On a device's page"),
    Where.ACTION: N_("On a remote action's page"),
    Where.CHOICE: N_("Choosing"),
    Where.FORM: N_("Before a remote action"),
}


class Action(msgspec.Struct, frozen=True):
    """Something a person can do with a key."""

    id: str
    """Name of the method: `action_<id>` of the screen or widget the place stands for."""
    keys: tuple[str, ...]
    """Textual's key names; the first is the one shown."""
    label: str
    """English msgid, short enough for the footer."""
    where: Where
    footer: int = 0
    """Place in the footer, 1 first; 0: not there."""
    palette: bool = True
    explain: str = ""
    """English msgid of a longer text for help and palette; "" = the label."""


ACTIONS: Final = (
    Action("search", ("slash",), N_("Search"), Where.LIST, footer=1, explain=N_("Search as you type")),
    Action("facets", ("f",), N_("Filter"), Where.LIST, footer=2, explain=N_("Filter by values, with counts")),
    Action("filter_value", ("v", "equals_sign"), N_("Only this"), Where.LIST, explain=N_("Only rows with this value")),
    Action("sort", ("s",), N_("Sort"), Where.LIST, footer=10, explain=N_("Sort by this column: up, down, off")),
    Action("columns", ("c",), N_("Columns"), Where.LIST, footer=10, explain=N_("Choose columns")),
    Action("open", ("enter",), N_("Open"), Where.LIST, footer=5, explain=N_("Open the row")),
    Action("acts", ("a",), N_("Act"), Where.LIST, footer=3, explain=N_("What can be done to the device from afar")),
    Action("clear", ("escape",), N_("Clear"), Where.LIST, explain=N_("Clear search and filters, then go back")),
    Action("back", ("backspace", "alt+left"), N_("Back"), Where.LIST, explain=N_("Back to the previous list")),
    Action("forward", ("alt+right",), N_("Forward"), Where.LIST, explain=N_("Forward again")),
    Action("previous_view", ("comma",), N_("Previous list"), Where.LIST),
    Action("next_view", ("full_stop",), N_("Next list"), Where.LIST),
    Action("copy", ("y",), N_("Copy"), Where.LIST, explain=N_("Copy the value to the clipboard")),
    Action("collect", ("C",), N_("Collect"), Where.LIST, explain=N_("Collect from all sources now")),
    Action("move(-1)", ("up", "k"), N_("Up"), Where.TABLE, palette=False),
    Action("move(1)", ("down", "j"), N_("Down"), Where.TABLE, palette=False),
    Action("column(-1)", ("left", "h"), N_("Column to the left"), Where.TABLE, palette=False),
    Action("column(1)", ("right", "l"), N_("Column to the right"), Where.TABLE, palette=False),
    Action("page(-1)", ("pageup", "ctrl+b"), N_("Page up"), Where.TABLE, palette=False),
    Action("page(1)", ("pagedown", "ctrl+f", "space"), N_("Page down"), Where.TABLE, palette=False),
    Action("first", ("home", "g"), N_("First row"), Where.TABLE, palette=False),
    Action("last", ("end", "G"), N_("Last row"), Where.TABLE, palette=False),
    Action("leave", ("down", "enter", "tab"), N_("To the rows"), Where.SEARCH, footer=1, palette=False),
    Action("cancel", ("escape",), N_("Clear"), Where.SEARCH, footer=2, palette=False),
    Action("move(-1)", ("up", "k"), N_("Up"), Where.FACETS, palette=False),
    Action("move(1)", ("down", "j"), N_("Down"), Where.FACETS, palette=False),
    Action("page(-1)", ("pageup", "ctrl+b"), N_("Page up"), Where.FACETS, palette=False),
    Action("page(1)", ("pagedown", "ctrl+f"), N_("Page down"), Where.FACETS, palette=False),
    Action("choose", ("space", "enter"), N_("Choose"), Where.FACETS, footer=1, palette=False),
    Action("leave", ("escape", "f", "tab"), N_("Close"), Where.FACETS, footer=2, palette=False),
    Action("next_section", ("right", "l", "tab"), N_("Section"), Where.DEVICE, footer=1, explain=N_("Next section")),
    Action("previous_section", ("left", "h", "shift+tab"), N_("Previous section"), Where.DEVICE),
    Action("neighbour(1)", ("n",), N_("Next"), Where.DEVICE, footer=2, explain=N_("Next device of the list")),
    Action("neighbour(-1)", ("p",), N_("Previous"), Where.DEVICE, explain=N_("Previous device of the list")),
    Action("acts", ("a",), N_("Act"), Where.DEVICE, footer=3, explain=N_("What can be done to the device from afar")),
    Action(
        "send", ("s",), N_("Send"), Where.ACTION, footer=1, explain=N_("Send what you requested, after one more look")
    ),
    Action(
        "approve", ("y",), N_("Approve"), Where.ACTION, footer=2, explain=N_("Approve what somebody else requested")
    ),
    Action("reject", ("n",), N_("Reject"), Where.ACTION, footer=3, explain=N_("Reject what somebody else requested")),
    Action("cancel", ("x",), N_("Call off"), Where.ACTION, footer=10, explain=N_("Call off what was not sent yet")),
    Action(
        "settle", ("w",), N_("Settle"), Where.ACTION, footer=11, explain=N_("Say by your own word what became of it")
    ),
    Action(
        "locate",
        ("l",),
        N_("Where"),
        Where.ACTION,
        footer=10,
        explain=N_("See where the device is: once, and kept nowhere"),
    ),
    Action("certify", ("c",), N_("Certificate"), Where.ACTION, footer=10, explain=N_("Write the sanitisation record")),
    Action("acts", ("a",), N_("Act"), Where.ACTION, footer=12, explain=N_("What else can be done to the device")),
    Action("open_device", ("enter",), N_("Device"), Where.ACTION, explain=N_("The device's page")),
    Action("devices", ("d",), N_("Devices"), Where.PAGE, explain=N_("Devices that belong to this")),
    Action("scroll(-1)", ("up", "k"), N_("Up"), Where.PAGE, palette=False),
    Action("scroll(1)", ("down", "j"), N_("Down"), Where.PAGE, palette=False),
    Action("page(-1)", ("pageup", "ctrl+b"), N_("Page up"), Where.PAGE, palette=False),
    Action("page(1)", ("pagedown", "ctrl+f", "space"), N_("Page down"), Where.PAGE, palette=False),
    Action("first", ("home", "g"), N_("To the top"), Where.PAGE, palette=False),
    Action("last", ("end", "G"), N_("To the end"), Where.PAGE, palette=False),
    Action("leave", ("escape", "backspace"), N_("Back"), Where.PAGE, footer=6),
    Action("move(-1)", ("up",), N_("Up"), Where.CHOICE, palette=False),
    Action("move(1)", ("down",), N_("Down"), Where.CHOICE, palette=False),
    Action("accept", ("enter",), N_("Choose"), Where.CHOICE, footer=1, palette=False),
    Action("leave", ("escape",), N_("Close"), Where.CHOICE, footer=2, palette=False),
    Action("next_field", ("tab", "down"), N_("Next"), Where.FORM, footer=1, palette=False),
    Action("previous_field", ("shift+tab", "up"), N_("Previous"), Where.FORM, footer=2, palette=False),
    Action("scroll(1)", ("pagedown",), N_("Page down"), Where.FORM, palette=False),
    Action("scroll(-1)", ("pageup",), N_("Page up"), Where.FORM, palette=False),
    Action("do", ("ctrl+s",), N_("Do it"), Where.FORM, footer=3, palette=False),
    Action("leave", ("escape",), N_("Close"), Where.FORM, footer=4, palette=False),
    Action("palette", ("colon", "ctrl+p"), N_("Commands"), Where.APP, footer=7, palette=False),
    Action("help", ("question_mark", "f1"), N_("Help"), Where.APP, footer=8),
    Action("reload", ("r", "f5"), N_("Refresh"), Where.APP, footer=11, explain=N_("Read again from the register")),
    Action(
        "language", ("L",), N_("Language"), Where.APP, footer=12, explain=N_("Next language: suomi, svenska, English")
    ),
    Action("theme", ("T",), N_("Colours"), Where.APP, explain=N_("Dark or light colours")),
    Action("quit", ("q", "ctrl+q"), N_("Quit"), Where.APP, footer=9),
)

VIEW_KEYS: Final = {
    "devices": "1",
    "phones": "2",
    "chromebooks": "3",
    "network": "4",
    "units": "5",
    "persons": "6",
    "contracts": "7",
    "review": "8",
    "runs": "9",
    "missing": "0",
    "actions": "A",
    "ports": "P",
    "records": "R",
    "history": "H",
}
"""View -> key that opens it from anywhere but a text field; in the order of the top line."""

_SHOWN: Final = {
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "comma": ",",
    "full_stop": ".",
    "equals_sign": "=",
    "enter": "⏎",
    "escape": "Esc",
    "backspace": "⌫",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "space": N_("Space"),
}


def shown(key: str) -> str:
    """How a key is written: `/` for slash; may be an English msgid (Space)."""
    head, plus, tail = key.rpartition("+")
    modifier = {"ctrl": "Ctrl+", "alt": "Alt+", "shift": "Shift+"}.get(head, "") if plus else ""
    return modifier + _SHOWN.get(tail, tail.upper() if modifier or _is_function_key(tail) else tail)


def actions(*places: Where) -> tuple[Action, ...]:
    """Actions of these places, in the order of the table."""
    return tuple(action for action in ACTIONS if action.where in places)


def bindings(*places: Where) -> list[BindingType]:
    """Textual bindings of these places' actions; ids let a person set keys of their own."""
    return [
        Binding(",".join(action.keys), action.id, action.label, show=False, id=f"{action.where}.{action.id}")
        for action in actions(*places)
    ]


def view_bindings() -> list[BindingType]:
    """One key for each list."""
    return [
        Binding(key, f"open_view('{view}')", view, show=False, id=f"view.{view}") for view, key in VIEW_KEYS.items()
    ]


def _is_function_key(name: str) -> bool:
    return len(name) > 1 and name[0] == "f" and name[1:].isdigit()
