"""Units as people write them in a sheet: by name in Finnish or Swedish where the list of units has it once, or by id."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from devreg.domain.sorting import fold
from devreg.errors import Ambiguous, NotFound
from devreg.i18n import N_
from devreg.ports import Page, Record
from devreg.store import places
from devreg.store.engine import Session

_KEYS: Final = ("unit", "headcount.unit")
"""Where a row of a sheet may name a unit."""
_TOLD: Final = 10


class UnitNames(msgspec.Struct):
    """What the list of units calls them, and what rows called them that it does not know."""

    by_name: Mapping[str, frozenset[str]]
    """Folded id or name -> ids."""
    unknown: dict[str, None] = {}
    """In the order they were met."""
    ambiguous: dict[str, frozenset[str]] = {}

    def clear(self, page: Page) -> Page:
        """The page with ids in the place of names."""
        if not self.by_name:
            return page
        return msgspec.structs.replace(page, records=tuple(map(self.record, page.records)))

    def record(self, record: Record) -> Record:
        """The row with ids in the place of names; what is unknown, or means several, stays as it was written and is told."""
        found = {key: self._id(str(record.body[key])) for key in _KEYS if record.body.get(key) is not None}
        new = {key: unit for key, unit in found.items() if unit != record.body[key]}
        return msgspec.structs.replace(record, body=record.body | new) if new else record

    def _id(self, said: str) -> str:
        ids = self.by_name.get(fold(said), frozenset())
        if len(ids) == 1:
            return next(iter(ids))
        if ids:
            self.ambiguous[said] = ids
        else:
            self.unknown[said] = None
        return said

    def told(self) -> tuple[str, ...]:
        """What a person should correct in the sheet or in the list of units."""
        said = []
        if self.unknown:
            names = ", ".join(f"“{name}”" for name in list(self.unknown)[:_TOLD]) + _more(self.unknown)
            said.append(N_(f"Units that the list of units does not know: {names}."))
        for name, ids in list(self.ambiguous.items())[:_TOLD]:
            said.append(N_(f"“{name}” is the name of several units: {', '.join(sorted(ids))}; write the id."))
        return tuple(said)


def unit_names(session: Session) -> UnitNames:
    """The list of units as it is now. An id, of a unit or of a campus, means itself, whatever else is called so."""
    by_name: dict[str, set[str]] = {}
    units = places.named_units(session)
    campuses = places.campuses(session)
    for unit, names in units.items():
        for name in names:
            by_name.setdefault(fold(name), set()).add(unit)
    return UnitNames(
        {**{name: frozenset(ids) for name, ids in by_name.items()}, **_themselves(campuses), **_themselves(units)}
    )


def named_unit(session: Session, text: str) -> str:
    """The id of the unit that a person named by id or name. Raises NotFound, or Ambiguous listing all."""
    known = unit_names(session).by_name.get(fold(text.strip()), frozenset())
    if not known:
        raise NotFound(f"There is no unit {text!r}.", next_step="`devreg list units` shows them.")
    if len(known) > 1:
        raise Ambiguous(f"{text!r} is the name of several units: {', '.join(sorted(known))}.", next_step="Give the id.")
    return next(iter(known))


def _themselves(ids: Iterable[str]) -> dict[str, frozenset[str]]:
    return {fold(unit): frozenset({unit}) for unit in ids}


def _more(names: Mapping[str, None]) -> str:
    return " …" if len(names) > _TOLD else ""
