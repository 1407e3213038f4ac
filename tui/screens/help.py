"""Help: the keys that work where it was opened, all other keys, and what the words mean."""

from collections.abc import Sequence
from typing import Final

from devreg.i18n import N_
from tui.keys import TITLES, VIEW_KEYS, Where, actions, shown
from tui.plain import Line, Span, fit, wrap
from tui.screens.page import PageScreen, labelled
from tui.widgets.paper import Section

_WORDS: Final = (
    (
        N_("source"),
        N_(
            "Where facts come from: Intune, a Google console, the network, a sheet. Each keeps its own record of a device."
        ),
    ),
    (N_("collection run"), N_("One reading of one source. Only a complete run may call a device missing.")),
    (
        N_("held run"),
        N_(
            "Its result looks wrong, such as half of the devices gone; nothing is called missing until a person agrees."
        ),
    ),
    (N_("partial run"), N_("A part could not be read. What was read counts; what was not read is not missing.")),
    (
        N_("missing"),
        N_("A source that was read to its end does not list the device any more. The device stays in the register."),
    ),
    (
        N_("to review"),
        N_("A question the program does not decide by itself, such as two devices with one serial number."),
    ),
    (
        N_("other values"),
        N_("What other sources say about the same field. The rule beside a value tells why it was chosen."),
    ),
)


class HelpScreen(PageScreen):
    """Made from the table of keys."""

    def __init__(self, places: tuple[Where, ...]) -> None:
        super().__init__()
        self._places = places

    def title_spans(self) -> list[Span]:
        """Help."""
        return [Span(f" {self.t('Help')}", "strong")]

    def write(self, width: int) -> Sequence[Section]:
        """Keys that work here first, then the lists, the others, the words."""
        here = [place for place in Where if place in self._places and place is not Where.APP]
        others = [place for place in Where if place not in self._places]
        t = self.t
        return [
            *(self._keys(place, width) for place in [*here, Where.APP]),
            Section(t("Lists"), self._views(width)),
            *(self._keys(place, width) for place in others),
            Section(t("Words"), [line for name, text in _WORDS for line in labelled(t(name), t(text), width, "")]),
        ]

    def _keys(self, place: Where, width: int) -> Section:
        lines: list[Line] = []
        for action in actions(place):
            keys = "  ".join(self.t(shown(key)) for key in action.keys)
            pieces = wrap(self.t(action.explain or action.label), max(1, width - 20))
            lines.append((Span(fit(keys, 18) + "  ", "link"), Span(pieces[0])))
            lines += [(Span(" " * 20), Span(piece)) for piece in pieces[1:]]
        return Section(self.t(TITLES[place]), lines)

    def _views(self, width: int) -> list[Line]:
        views = self.register.views.values()
        return [
            (Span(fit(VIEW_KEYS.get(view.name, ""), 18) + "  ", "link"), Span(self.t(view.title))) for view in views
        ]
