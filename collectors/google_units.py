"""Organisational units by their ids: a renamed unit keeps its devices. Source: contracts/google.md sections 3, 5 and 9.

Rules name a unit by its path, as people know it; the id stays when the path changes. Which id a rule's path had is remembered
between runs, so that the rule still finds the unit under its new path, and somebody is told.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from devreg.i18n import N_
from devreg.text import clean


class Units(msgspec.Struct, frozen=True):
    """The units of a console. Ids are without the prefix that only the list of units has."""

    paths: Mapping[str, str]
    """Id -> path now."""
    before: Mapping[str, str] = {}
    """Id -> path by which the rules still know it, where that is another."""
    notes: str = "{}"
    """Which unit each rule's path means, for the next runs."""
    warnings: tuple[str, ...] = ()


def unit_key(unit_id: str) -> str:
    """The id of an organisational unit as devices name it: without the prefix that the list of units has."""
    return unit_id.removeprefix("id:")


def read_units(rows: Iterable[Any], rule_paths: Iterable[str], notes: str | None) -> Units:
    """The units as listed, and which of them the rules' paths mean, now or by what is remembered."""
    paths = dict(_listed(rows))
    ids = {_folded(path): unit_id for unit_id, path in paths.items()}
    remembered = _remembered(notes)
    meant: dict[str, str] = {}
    renamed: dict[str, str] = {}
    warnings = []
    for rule_path in dict.fromkeys(rule_paths):
        folded = _folded(rule_path)
        now, then = ids.get(folded), remembered.get(folded)
        if now is not None:
            meant[folded] = now
            if then in paths and then != now:
                warnings.append(
                    N_(
                        f"The unit that was {rule_path} is now {paths[then]}, and another one has its name; rules go by the name."
                    )
                )
        elif then in paths:
            meant[folded], renamed[then] = then, rule_path
            warnings.append(
                N_(
                    f"The unit {rule_path} is now {paths[then]}; its devices stay where the rule puts them. Correct the rule's org_unit."
                )
            )
        else:
            meant |= {folded: then} if then is not None else {}
            warnings.append(
                N_(f"A rule names the unit {rule_path}, which the console does not have: was it renamed or removed?")
            )
    return Units(paths, _before(paths, renamed), msgspec.json.encode(meant).decode(), tuple(warnings))


def _listed(rows: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for unit in rows:
        if (
            isinstance(unit, dict)
            and isinstance(unit.get("orgUnitId"), str)
            and (path := clean(unit.get("orgUnitPath")))
        ):
            yield unit_key(unit["orgUnitId"]), path


def _before(paths: Mapping[str, str], renamed: Mapping[str, str]) -> dict[str, str]:
    """Of each unit that was renamed, or is below one that was (the nearest counts): the path it had."""
    tops = sorted(((paths[unit_id], rule_path) for unit_id, rule_path in renamed.items()), key=lambda top: -len(top[0]))
    found = {}
    for unit_id, path in paths.items():
        for top, rule_path in tops:
            if _folded(path) == _folded(top) or _folded(path).startswith(_folded(top) + "/"):
                found[unit_id] = rule_path.rstrip("/") + path[len(top) :]
                break
    return found


def _remembered(notes: str | None) -> dict[str, str]:
    try:
        return msgspec.json.decode(notes or "{}", type=dict[str, str])
    except msgspec.DecodeError:
        return {}


def _folded(path: str) -> str:
    """Paths are compared without case (contracts/google.md section 3)."""
    return path.casefold().rstrip("/")
