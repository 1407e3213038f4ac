"""The life of a device as data: which state leads to which, what each step asks for, and what it does besides.

Sources: the city's programme (effective circulation), NIST SP 800-88 rev. 2 (sanitisation before disposal). The shape,
steps as data with conditions and effects, is that of Ralph's transitions; the eight states are those of `device.State`.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain.device import Kind, State
from devreg.domain.observation import Value
from devreg.domain.rights import Right


class Effect(StrEnum):
    """What a step does beside changing the state."""

    RELEASE_HOLDER = "release holder"
    """Nobody holds it any more; the history keeps who did."""
    RELEASE_CONTRACTS = "release contracts"
    """Its part in contracts ends that day."""
    LOCK = "lock"
    """It should be locked at once."""


class Need(StrEnum):
    """What must be known of the device, before the step or given along with it."""

    IDENTIFIER = "identifier"
    """Serial number, IMEI or asset tag: something to know it by."""
    PLACE = "place"
    """A holder or a unit."""
    SUPPLIER = "supplier"
    """Supplier or order number."""


class Paper(StrEnum):
    """A document that belongs to a step."""

    SANITISATION = "sanitisation"
    """How its storage was emptied or destroyed, by whom, and how that was checked."""
    DECISION = "decision"
    """Who decided that the city gives it up: a lost device cannot be emptied."""
    OTHER = "other"


class Document(msgspec.Struct, frozen=True):
    """A document referred to, not kept here."""

    kind: Paper
    ref: str
    """A number in the city's records, a path or an address."""

    def __str__(self) -> str:
        return f"{self.kind}={self.ref}"


class Step(msgspec.Struct, frozen=True):
    """One way from a state to another."""

    name: str
    """What people call it; English msgid."""
    right: Right = Right.EDIT
    needs: tuple[Need, ...] = ()
    paper: Paper | None = None
    """Asked for where the device can hold data."""
    effects: tuple[Effect, ...] = ()


_P, _O, _S, _U = State.PLANNED, State.ORDERED, State.IN_STOCK, State.IN_USE
_R, _L, _T, _D = State.IN_REPAIR, State.LOST, State.RETIRED, State.DISPOSED
_END: Final = (Effect.RELEASE_HOLDER, Effect.RELEASE_CONTRACTS)
_LOST: Final = Step("report as lost", effects=(Effect.LOCK,))
_RETIRE: Final = Step("take out of use", effects=_END)

STEPS: Final[Mapping[tuple[State, State], Step]] = {
    (_P, _O): Step("place the order", needs=(Need.SUPPLIER,)),
    (_P, _S): Step("take delivery", needs=(Need.IDENTIFIER,)),
    (_P, _U): Step("take delivery and hand over", needs=(Need.IDENTIFIER, Need.PLACE)),
    (_P, _T): Step("drop the plan", effects=_END),
    (_O, _S): Step("take delivery", needs=(Need.IDENTIFIER,)),
    (_O, _U): Step("take delivery and hand over", needs=(Need.IDENTIFIER, Need.PLACE)),
    (_O, _T): Step("cancel the order", effects=_END),
    (_S, _U): Step("hand over", needs=(Need.PLACE,)),
    (_S, _R): Step("send to repair"),
    (_S, _L): _LOST,
    (_S, _T): _RETIRE,
    (_U, _S): Step("take back", effects=(Effect.RELEASE_HOLDER,)),
    (_U, _R): Step("send to repair"),
    (_U, _L): _LOST,
    (_U, _T): _RETIRE,
    (_R, _U): Step("hand over repaired", needs=(Need.PLACE,)),
    (_R, _S): Step("take back repaired", effects=(Effect.RELEASE_HOLDER,)),
    (_R, _L): _LOST,
    (_R, _T): Step("give up repairing", effects=_END),
    (_L, _U): Step("found, back in use", needs=(Need.PLACE,)),
    (_L, _S): Step("found, into stock", effects=(Effect.RELEASE_HOLDER,)),
    (_L, _T): Step("write off", Right.DISPOSE, paper=Paper.DECISION, effects=_END),
    (_T, _S): Step("take into use again", Right.DISPOSE),
    (_T, _D): Step("dispose of", Right.DISPOSE, paper=Paper.SANITISATION, effects=_END),
    (_D, _T): Step("correct a disposal entered by mistake", Right.DISPOSE),
}
"""The one table: services ask it, docs/lifecycle.md shows it."""
NAMES: Final = tuple(dict.fromkeys(step.name for step in STEPS.values()))

GONE: Final = frozenset({State.RETIRED, State.DISPOSED})
"""States in which nobody holds a device, and in which it is counted nowhere."""
WITHOUT_STORAGE: Final = frozenset({Kind.UPS, Kind.OTHER})
"""Kinds that hold no data of the city's. A switch keeps keys, a printer what was printed."""


GIVES: Final[Mapping[Need, tuple[str, ...]]] = {
    Need.IDENTIFIER: ("serial", "imei", "meid", "asset_tag"),
    Need.PLACE: ("holder", "holder_email", "unit"),
    Need.SUPPLIER: ("supplier", "order_number"),
}
"""Need -> the fields of which one is enough."""


def lacking(step: Step, fields: Mapping[str, Value | None], papers: Collection[Paper] = ()) -> tuple[Need | Paper, ...]:
    """What the step asks for and a device with these fields and papers does not have; empty: nothing stands against it."""
    needs = [need for need in step.needs if not any(fields.get(name) is not None for name in GIVES[need])]
    return (*needs, *([step.paper] if _asks_for_paper(step, fields, papers) and step.paper else []))


def onward(state: State) -> Sequence[tuple[State, Step]]:
    """Where a device can go from here."""
    return [(target, step) for (source, target), step in STEPS.items() if source is state]


def _asks_for_paper(step: Step, fields: Mapping[str, Value | None], papers: Collection[Paper]) -> bool:
    return step.paper not in papers and fields.get("kind") not in WITHOUT_STORAGE
