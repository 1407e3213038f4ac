"""Where a person is and was: a list with what was asked of it and the cursor in it."""

import msgspec

from devreg.ports import Query


class Place(msgspec.Struct, frozen=True):
    """A list as somebody left it."""

    view: str
    asked: Query = Query()
    cursor: int = 0
    column: int = 0


class History:
    """Places back and forth, as in a web browser."""

    def __init__(self) -> None:
        self._behind: list[Place] = []
        self._ahead: list[Place] = []

    def leave(self, place: Place) -> None:
        """Going somewhere new from here; what was ahead is forgotten."""
        self._behind.append(place)
        self._ahead.clear()

    def back(self, here: Place) -> Place | None:
        """The place before; None at the beginning."""
        return self._move(here, self._behind, self._ahead)

    def forward(self, here: Place) -> Place | None:
        """The place that was left by going back; None at the end."""
        return self._move(here, self._ahead, self._behind)

    def _move(self, here: Place, origin: list[Place], other: list[Place]) -> Place | None:
        if not origin:
            return None
        other.append(here)
        return origin.pop()
