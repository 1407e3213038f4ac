"""One device: every field with where it comes from and what else was said, and all that is known around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from devreg.errors import DevregError
from tui.keys import Where, bindings
from tui.plain import Line, Span
from tui.screens.device_sections import field_text, sections
from tui.screens.page import PageScreen, PageTitle
from tui.widgets.painted import OneLine, around
from tui.widgets.paper import Paper, Section

if TYPE_CHECKING:
    from devreg.services.browse import DevicePage


class SectionBar(OneLine):
    """The sections of the page; the one in view stands out, a click leads to it."""

    def spans(self) -> Line:
        """Title and count of each, as many as fit from the one in view."""
        paper = self.screen.query_one(Paper)
        groups = []
        for place, section in enumerate(paper.sections):
            size = "" if section.size is None else f" {section.size}"
            ink = "tab strong" if place == paper.section else "dim"
            groups.append([Span(f" {section.title}{size} ", ink, f"screen.section({place})")])
        return around(groups, paper.section, self.size.width) if groups else ()


class DeviceScreen(PageScreen):
    """The page of one device."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.DEVICE)

    def __init__(self, device_id: int, neighbour: Callable[[int], int | None] | None = None) -> None:
        super().__init__()
        self._device_id = device_id
        self._neighbour = neighbour
        self._page: DevicePage | None = None
        self._refusal = ""

    def body(self) -> list[Widget]:
        """Title, sections, page."""
        return [PageTitle(), SectionBar(), self.paper]

    def on_mount(self) -> None:
        """Read the device."""
        self.reload()

    def places(self) -> tuple[Where, ...]:
        """A device's keys and a page's."""
        return (Where.DEVICE, Where.PAGE, Where.APP)

    def reload(self) -> None:
        """Read it again."""
        device_id = self._device_id
        self.register.loader.read(
            "device", lambda browser: browser.device(device_id), self._got, refused=self._got_refusal
        )

    def _got(self, page: DevicePage) -> None:
        same = self._page is not None and self._page.device_id == page.device_id
        self._page, self._refusal = page, ""
        self.paper.rewrite(from_top=not same)
        self.refresh_frame()

    def _got_refusal(self, error: DevregError) -> None:
        self._page, self._refusal = None, self.t.told(error)
        self.paper.rewrite(from_top=True)
        self.refresh_frame()

    def title_spans(self) -> list[Span]:
        """Reference, name, and in words what and where it is."""
        if self._page is None:
            return [Span(f" {self._refusal}", "bad")]
        told = {line.name: field_text(line.name, line.value, self.t) for line in self._page.fields}
        words = [told[name] for name in ("kind", "state", "unit", "holder") if name in told]
        spans = [Span(f" {self._page.ref}", "strong link"), Span(f"  {told.get('name', '')}", "strong")]
        return [*spans, Span("  " + " · ".join(words), "dim")]

    def write(self, width: int) -> Sequence[Section]:
        """All that is known."""
        return sections(self._page, width, self.t) if self._page is not None else []

    def status(self) -> list[Span]:
        """Alarms, else open questions."""
        if self._page is None:
            return []
        if self._page.alarms:
            return [Span("! " + self.t.said(self._page.alarms[0]), "warn")]
        n = len(self._page.reviews)
        return [Span("! " + self.t.many("{n} open question", "{n} open questions", n), "warn")] if n else []

    @on(Paper.Turned)
    def _turned(self) -> None:
        self.refresh_frame()

    def action_section(self, place: int) -> None:
        """To a section."""
        self.paper.jump(place)

    def action_next_section(self) -> None:
        """To the section after the one in view."""
        self.paper.jump(self.paper.section + 1)

    def action_previous_section(self) -> None:
        """To the section before."""
        self.paper.jump(self.paper.section - 1)

    def action_acts(self) -> None:
        """What can be done to it from afar."""
        self.register.acts.open(self._device_id)

    def action_neighbour(self, steps: int) -> None:
        """The next device of the list that this one was opened from."""
        found = self._neighbour(steps) if self._neighbour is not None else None
        if found is None:
            self.register.tell(self.t("No more devices in the list."))
            return
        self._device_id = found
        self.reload()
