"""Identifiers that name nothing, though they look like any other: known only by how many have them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from devreg.domain.nodes import Node
from devreg.domain.observation import Identifier, IdKind

JUNK: Final = 50
"""An identifier that more records than this share names nothing: a placeholder not yet known, a dock handed around."""
MOST_IN_ONE_SOURCE: Final = 3
"""A device is in one source once, twice while an old enrolment is forgotten there; never this often as so many different things."""

FILLER: Final = "many share this identifier: a placeholder?"


class Named(msgspec.Struct, frozen=True):
    """Records without the identifiers that name nothing."""

    nodes: tuple[Node, ...]
    fillers: tuple[tuple[int, ...], ...]
    """For each identifier that people should know of, who has it, first by name; only the first where they are countless."""


def named(nodes: Iterable[Node], countless: Collection[Identifier] = ()) -> Named:
    """The records with what identifies them. `countless` are identifiers that more than `JUNK` records share, not all of them here."""
    ordered = sorted(nodes, key=lambda node: node.name)
    holders: dict[Identifier, list[Node]] = {}
    for node in ordered:
        for key in node.keys | node.former:
            holders.setdefault(key, []).append(node)
    junk = {key for key, found in holders.items() if len(found) > JUNK or key in countless}
    fillers = {key for key, found in holders.items() if key not in junk and _is_filler(key, found)}
    if not junk and not fillers:
        return Named(tuple(_without(node, ()) for node in ordered), ())
    told = [holders[key][:1] for key in sorted(junk) if key.kind is not IdKind.MAC]
    told += [[node for node in holders[key] if key in node.keys and node.live] for key in sorted(fillers)]
    return Named(
        tuple(_without(node, junk | fillers) for node in ordered),
        tuple(tuple(node.record_id for node in have) for have in told if any(node.pin is None for node in have)),
    )


def _is_filler(key: Identifier, holders: Sequence[Node]) -> bool:
    if key.kind is IdKind.MAC or len(holders) <= MOST_IN_ONE_SOURCE:
        return False
    by_source: dict[str, list[Node]] = {}
    for node in holders:
        if key in node.keys and (node.live or node.values(IdKind.MAC) or node.span):
            by_source.setdefault(node.source, []).append(node)
    return any(_at_once(found) > MOST_IN_ONE_SOURCE for found in by_source.values())


def _at_once(nodes: Sequence[Node]) -> int:
    """How many things there were at one time, as far as can be told apart; a record without times was always there."""
    things = _things(nodes)
    moments = {node.span[0] for node in nodes if node.span} or {datetime.min.replace(tzinfo=UTC)}
    return max(
        len({things[node.record_id] for node in nodes if not node.span or node.span[0] <= moment <= node.span[1]})
        for moment in moments
    )


def _things(nodes: Sequence[Node]) -> dict[int, int]:
    """Record -> the first record of the same thing, as MACs and people's decisions tell, in a list also the label and the IMEI of a
    device that is invoiced every month; one that says nothing of it is its own."""
    found: dict[int, int] = {}
    marked: list[tuple[set[str], list[int]]] = []
    for node in nodes:
        marks = set(node.values(IdKind.MAC)) | ({f"pin {node.pin}"} if node.pin is not None else set())
        if node.is_listed:
            marks |= node.values(IdKind.IMEI) | {f"tag {tag}" for tag in node.tags}
        members = [node.record_id]
        for thing in [thing for thing in marked if thing[0] & marks]:
            marks |= thing[0]
            members = thing[1] + members
            marked.remove(thing)
        marked.append((marks, members))
    for _, members in marked:
        found |= dict.fromkeys(members, members[0])
    return found


def _without(node: Node, nameless: Collection[Identifier]) -> Node:
    """The record as it is matched.

    One that says no serial number any more keeps the one it had. A list keeps no earlier ones: a corrected row was a mistake, or is
    about another device now.
    """
    keys, former = node.keys.difference(nameless), node.former.difference(nameless)
    if len(former) == 1 and not any(key.kind is IdKind.SERIAL for key in keys):
        keys, former = keys | former, frozenset()
    if node.is_listed:
        former = frozenset()
    return (
        node if (keys, former) == (node.keys, node.former) else msgspec.structs.replace(node, keys=keys, former=former)
    )
