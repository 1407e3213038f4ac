"""Which records are about the same device: a pure function of the records, whatever order they came in.

The ladder of identity: what a person decided -> serial number and manufacturer -> IMEI -> MEID -> permanent MAC. A name never
matches. Where the identifiers allow two answers the record is left for a person; nothing is guessed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import combinations
from typing import Final

import msgspec

from devreg.domain.observation import Identifier, IdKind

JUNK: Final = 50
"""An identifier that more records than this share names nothing: a placeholder not yet known, a dock handed around."""


class Rung(StrEnum):
    """Why a record was put with others, strongest first; shown with the match."""

    DECISION = "a person's decision"
    SERIAL = "serial number"
    IMEI = "IMEI"
    MEID = "MEID"
    MAC = "MAC address"


LADDER: Final = (
    (IdKind.SERIAL, Rung.SERIAL),
    (IdKind.IMEI, Rung.IMEI),
    (IdKind.MEID, Rung.MEID),
    (IdKind.MAC, Rung.MAC),
)
"""Identifiers in the order they are tried. The asset tag is not here: it is a label that people reuse."""


class Node(msgspec.Struct, frozen=True):
    """One record, as far as identity needs it."""

    record_id: int
    name: str
    """Source and native id as one text: what ordering goes by, so that it does not hang on who came first."""
    source: str
    keys: frozenset[Identifier]
    """Every identifier the record has, or had since it was first read."""
    maker: str | None
    """Folded manufacturer (`identifiers.maker`)."""
    live: bool = True
    """The source lists it now, and not as history."""
    pin: int | None = None
    """The device that a person put it in."""
    managed_as: str | None = None
    """Kind of its source when that manages the device now."""
    new_serial: bool = False
    """Whether the serial number it has now is none of those it had before."""


class Question(msgspec.Struct, frozen=True):
    """What a person should look at."""

    record_id: int
    reason: str
    """English msgid."""
    others: tuple[int, ...]
    """Records it is about beside its own."""


class Group(msgspec.Struct, frozen=True):
    """Records about one device."""

    records: tuple[int, ...]
    """Record ids, ascending."""
    rungs: Mapping[int, Rung]
    """Record id -> what tied it to the rest; absent for a record alone."""
    pin: int | None


class Partition(msgspec.Struct, frozen=True):
    """All records of a connected part of the register, sorted into devices."""

    groups: tuple[Group, ...]
    undecided: tuple[int, ...]
    """Records that belong to one of several devices; attached to none."""
    questions: tuple[Question, ...]


AMBIGUOUS: Final = "several devices share its identifiers"
OTHER_MAKER: Final = "same serial number, another manufacturer"
OTHER_SERIAL: Final = "same IMEI, another serial number"
TWO_MANAGERS: Final = "managed from two places at once"
NEW_SERIAL: Final = "same record, new serial number: hardware changed?"
REASONS: Final = (AMBIGUOUS, OTHER_MAKER, OTHER_SERIAL, TWO_MANAGERS, NEW_SERIAL)


def partition(nodes: Iterable[Node]) -> Partition:
    """Sort the records into devices. `nodes` must hold every record that shares an identifier with one of them."""
    work = _Work(sorted(nodes, key=lambda node: node.name))
    for kind, rung in LADDER:
        for part in work.connected_by(kind):
            work.settle(part, rung)
    return work.result()


class _Cluster:
    """Records found to be one device so far."""

    def __init__(self, node: Node) -> None:
        self.nodes = [node]
        self.pin = node.pin
        self.rungs: dict[int, Rung] = {}

    def values(self, kind: IdKind) -> frozenset[str]:
        return frozenset(key.value for node in self.nodes for key in node.keys if key.kind is kind)

    def makers(self) -> frozenset[str]:
        return frozenset(node.maker for node in self.nodes if node.maker is not None)

    def live_sources(self) -> frozenset[str]:
        return frozenset(node.source for node in self.nodes if node.live)

    @property
    def first(self) -> Node:
        return self.nodes[0]


class _Work:
    """Clusters while the ladder is climbed down."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._clusters: list[_Cluster] = []
        self._undecided: set[int] = set()
        self._questions: list[Question] = []
        pinned: dict[int, _Cluster] = {}
        for node in nodes:
            cluster = _Cluster(node)
            if node.pin is None:
                self._clusters.append(cluster)
            elif node.pin in pinned:
                _join(pinned[node.pin], cluster, Rung.DECISION)
            else:
                pinned[node.pin] = cluster
                self._clusters.append(cluster)

    def connected_by(self, kind: IdKind) -> Iterator["_Part"]:
        """Clusters that hang together through identifiers of this kind, at least two each."""
        holders: dict[str, list[_Cluster]] = {}
        for cluster in self._clusters:
            for value in cluster.values(kind):
                holders.setdefault(value, []).append(cluster)
        near: dict[_Cluster, set[_Cluster]] = {}
        for sharing in holders.values():
            if 1 < len(sharing) <= JUNK:
                for one, other in combinations(sharing, 2):
                    near.setdefault(one, set()).add(other)
                    near.setdefault(other, set()).add(one)
        done: set[_Cluster] = set()
        for cluster in [found for found in self._clusters if found in near]:
            if cluster not in done:
                part = _reach(cluster, near, set(near))
                done |= part
                yield _Part(sorted(part, key=lambda found: found.first.name), near)

    def settle(self, part: "_Part", rung: Rung) -> None:
        """Join what must be one device, keep apart what can't be, and leave the rest for a person."""
        contradicted = [
            one
            for one in part.clusters
            if any(not _fits(one, other, rung) for other in part.clusters if other is not one)
        ]
        if not contradicted:
            self._merge(part.clusters, rung)
            return
        sides = _sides(contradicted, part.near, rung)
        self._ask_why(contradicted, sides, rung)
        free = {cluster for cluster in part.clusters if cluster not in contradicted}
        joins: dict[int, list[_Cluster]] = {}
        for cluster in [found for found in part.clusters if found in free]:
            chain = _reach(cluster, part.near, free)
            touched = {n for n, side in enumerate(sides) if any(part.near[link] & set(side) for link in chain)}
            if len(touched) == 1:
                joins.setdefault(touched.pop(), []).append(cluster)
            else:
                self._leave(cluster, [found.first.record_id for n in sorted(touched) for found in sides[n]])
        for n, side in enumerate(sides):
            self._merge([*side, *joins.get(n, ())], rung)

    def _leave(self, cluster: _Cluster, others: Iterable[int]) -> None:
        self._undecided.update(node.record_id for node in cluster.nodes)
        self._questions.append(Question(cluster.first.record_id, AMBIGUOUS, tuple(sorted(others))))

    def _ask_why(self, contradicted: Sequence[_Cluster], sides: Sequence[Sequence[_Cluster]], rung: Rung) -> None:
        """A shared serial or IMEI with a contradiction is a question; a shared MAC is a dock. What people kept apart is settled."""
        reason = {Rung.SERIAL: OTHER_MAKER, Rung.IMEI: OTHER_SERIAL, Rung.MEID: OTHER_SERIAL}.get(rung)
        if reason is None or all(cluster.pin is not None for cluster in contradicted):
            return
        last = sides[-1][0].first.record_id
        self._questions.append(Question(last, reason, tuple(side[0].first.record_id for side in sides[:-1])))

    def _merge(self, clusters: Sequence[_Cluster], rung: Rung) -> None:
        if len(clusters) < 2:
            return
        first = clusters[0]
        for other in clusters[1:]:
            _join(first, other, rung)
            self._clusters.remove(other)

    def result(self) -> Partition:
        """The clusters as they stand."""
        kept = [c for c in self._clusters if not all(node.record_id in self._undecided for node in c.nodes)]
        groups = [Group(tuple(sorted(node.record_id for node in c.nodes)), c.rungs, c.pin) for c in kept]
        undecided = self._undecided - {record_id for group in groups for record_id in group.records}
        asked = [q for q in self._questions if q.reason != AMBIGUOUS or q.record_id in undecided]
        asked.extend(question for cluster in kept for question in _doubts(cluster))
        return Partition(tuple(groups), tuple(sorted(undecided)), tuple(asked))


def _doubts(cluster: _Cluster) -> Iterator[Question]:
    """What looks odd within one device."""
    for kind in sorted({node.managed_as for node in cluster.nodes if node.managed_as is not None}):
        managing = {node.source: node.record_id for node in cluster.nodes if node.managed_as == kind}
        if len(managing) > 1:
            first, *others = managing.values()
            yield Question(first, TWO_MANAGERS, tuple(others))
    for node in cluster.nodes:
        if node.new_serial:
            yield Question(node.record_id, NEW_SERIAL, ())


class _Part(msgspec.Struct, frozen=True):
    """Clusters that hang together, and which touches which."""

    clusters: list[_Cluster]
    near: dict[_Cluster, set[_Cluster]]


def _reach(start: _Cluster, near: Mapping[_Cluster, set[_Cluster]], through: set[_Cluster]) -> set[_Cluster]:
    found, todo = {start}, [start]
    while todo:
        for other in (near[todo.pop()] & through) - found:
            found.add(other)
            todo.append(other)
    return found


def _sides(clusters: Sequence[_Cluster], near: Mapping[_Cluster, set[_Cluster]], rung: Rung) -> list[list[_Cluster]]:
    """Neighbours that fit each other, put together; a side never holds two that contradict."""
    sides = [[cluster] for cluster in clusters]
    for one, other in combinations(clusters, 2):
        mine = next(side for side in sides if one in side)
        theirs = next(side for side in sides if other in side)
        if mine is not theirs and other in near[one] and all(_fits(a, b, rung) for a in mine for b in theirs):
            mine.extend(theirs)
            sides.remove(theirs)
    return sides


def _fits(one: _Cluster, other: _Cluster, rung: Rung) -> bool:
    """Whether nothing stronger than the shared identifier speaks against the two being one device."""
    if one.pin is not None and other.pin is not None:
        return one.pin == other.pin
    if rung is Rung.SERIAL:
        return not (one.makers() and other.makers()) or bool(one.makers() & other.makers())
    mine, theirs = one.values(IdKind.SERIAL), other.values(IdKind.SERIAL)
    if mine and theirs and not mine & theirs:
        return False
    return rung is not Rung.MAC or not (one.live_sources() & other.live_sources())


def _join(first: _Cluster, other: _Cluster, rung: Rung) -> None:
    if len(first.nodes) == 1:
        first.rungs[first.first.record_id] = rung
    for node in other.nodes:
        first.rungs[node.record_id] = other.rungs.get(node.record_id, rung)
    first.nodes = sorted(first.nodes + other.nodes, key=lambda node: node.name)
    first.pin = first.pin if first.pin is not None else other.pin
