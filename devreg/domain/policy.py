"""Whose word counts for which field, as data: the program's own order, and what the settings say otherwise."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec

from devreg.domain.fields import DEVICE_FIELDS, Held

PERSON: Final = "person"
"""The kind of a claim that somebody typed; it wins over every source unless the field is locked to one."""

HAND: Final = "by hand"
"""The source of what people typed; no source in the settings can have a blank in its name."""

ORDER: Final[Mapping[Held, tuple[str, ...]]] = {
    Held.TECHNICAL: ("intune", "google", "snmp", "sheet"),
    Held.CUSTODY: ("sheet", "google", "intune", "snmp"),
    Held.PURCHASE: ("sheet", "intune", "google", "snmp"),
}
"""Kinds of source by who knows a field best. A kind not named here comes after all that are."""


class Weighing(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the claims about one field are weighed. Sources are named by their own name or by their kind; a name goes first."""

    sources: tuple[str, ...] = ()
    """Best first."""
    write_if_empty: tuple[str, ...] = ()
    """Sources that only fill what nobody else says."""
    locked: str | None = None
    """The source whose word alone is taken."""
    person_for: timedelta | None = None
    """How long a person's word counts that is given without a date; None: for good."""
    as_shipped: bool = True
    """Whether the order is the program's own; only said differently when shown."""

    def place(self, source: str, kind: str) -> int:
        """Where a source stands in the order, 0 the best."""
        for name in (source, kind):
            if name in self.sources:
                return self.sources.index(name)
        return len(self.sources)

    def is_filler(self, source: str, kind: str) -> bool:
        """Whether the source only fills gaps."""
        return source in self.write_if_empty or kind in self.write_if_empty

    def is_shut_out(self, source: str, kind: str) -> bool:
        """Whether the field is locked to another source."""
        return self.locked is not None and self.locked not in {source, kind}


class Policy(msgspec.Struct, frozen=True):
    """How every field is weighed."""

    fields: dict[str, Weighing]

    def of(self, field: str) -> Weighing:
        """How this field is; one that a stored policy does not know yet is weighed as shipped."""
        found = self.fields.get(field)
        return found if found is not None else AS_SHIPPED.fields[field]


def policy_of(said: Mapping[str, Weighing]) -> Policy:
    """The whole policy from what the settings say by field or by group of fields (`Held`).

    What is said of a field replaces what is said of its group. Sources that an order does not name follow in the shipped order.
    """
    return Policy(
        {name: _whole(field.held, said.get(name) or said.get(field.held)) for name, field in DEVICE_FIELDS.items()}
    )


def _whole(held: Held, said: Weighing | None) -> Weighing:
    if said is None:
        return Weighing(ORDER[held])
    sources = said.sources + tuple(kind for kind in ORDER[held] if kind not in said.sources)
    return msgspec.structs.replace(said, sources=sources, as_shipped=sources == ORDER[held])


AS_SHIPPED: Final = policy_of({})
