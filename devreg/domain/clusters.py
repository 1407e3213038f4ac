"""Which records are about the same device: a pure function of the records, whatever order they came in.

The ladder of identity: what a person decided -> serial number and manufacturer -> IMEI -> MEID -> permanent MAC. A name never
matches. Where the identifiers allow two answers the record is left for a person; nothing is guessed.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

import msgspec

from devreg.domain.contradictions import ASKED, TAKEN, against, crowded
from devreg.domain.disputes import taken_over, torn_between, with_owners
from devreg.domain.fillers import FILLER, named
from devreg.domain.nodes import LADDER, Cluster, Node, Rung
from devreg.domain.observation import Identifier, IdKind


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
TWO_MANAGERS: Final = "managed from two places at once"
NEW_SERIAL: Final = "same record, new serial number: hardware changed?"
REASONS: Final = (AMBIGUOUS, TWO_MANAGERS, NEW_SERIAL, FILLER, *ASKED)


def partition(nodes: Iterable[Node], countless: Collection[Identifier] = ()) -> Partition:
    """Sort the records into devices.

    `nodes` must hold every record that shares an identifier with one of them; of the identifiers that more than `JUNK` records
    share (`countless`) it must hold the first holder by name.
    """
    said = list(nodes)
    found = named(said, countless)
    work = _Work(with_owners(found.nodes))
    for rung, kind in LADDER[:-1]:
        for part in work.connected_by(rung, kind):
            work.settle(part, rung)
    work.settle_macs()
    fillers = [Question(first, FILLER, tuple(others)) for first, *others in found.fillers]
    changed = [Question(node.record_id, NEW_SERIAL, ()) for node in said if node.has_new_serial]
    return work.result([*fillers, *changed])


class _Part(msgspec.Struct, frozen=True):
    """Clusters that hang together, and which touches which."""

    clusters: list[Cluster]
    near: dict[Cluster, set[Cluster]]


class _Work:
    """Clusters while the ladder is climbed down."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._clusters: list[Cluster] = []
        self._undecided: set[int] = set()
        self._left: list[Question] = []
        self._asked: list[Question] = []
        self._pairs: set[frozenset[int]] = set()
        torn = torn_between(nodes)
        self._taken = taken_over(nodes)
        self._former = {key.value for node in nodes for key in node.former} - self._taken
        pinned: dict[int, Cluster] = {}
        for node in nodes:
            if node.record_id in torn:
                self._undecided.add(node.record_id)
                self._left.append(Question(node.record_id, AMBIGUOUS, torn[node.record_id]))
                continue
            if node.pin is not None and node.pin in pinned:
                pinned[node.pin].take(Cluster(node), Rung.DECISION)
                continue
            self._clusters.append(Cluster(node))
            if node.pin is not None:
                pinned[node.pin] = self._clusters[-1]

    def connected_by(self, rung: Rung, kind: IdKind) -> Iterator[_Part]:
        """Clusters that hang together through identifiers of this rung, at least two each."""
        yield from self._connected(lambda cluster: self._tying(cluster, rung, kind))

    def settle_macs(self) -> None:
        """The last rung, in two steps: a dock's MAC joins nothing."""
        docks = self._docks()
        for part in self._connected(lambda cluster: cluster.values(IdKind.MAC) - docks):
            self.settle(part, Rung.MAC)
        for part in self._connected(lambda cluster: cluster.values(IdKind.MAC) & docks):
            against_it = _contradictions(part, Rung.MAC)
            left = set()
            for cluster in part.clusters:
                fitting = part.near[cluster] - against_it.get(cluster, {}).keys()
                if fitting and not cluster.is_known_beside(docks):
                    self._leave(cluster, Rung.MAC, [other.first.record_id for other in fitting])
                    left.add(cluster)
            self._ask_why([[cluster] for cluster in part.clusters if cluster not in left], against_it)

    def _connected(self, tying: Callable[[Cluster], Collection[str]]) -> Iterator[_Part]:
        holders: dict[str, list[Cluster]] = {}
        for cluster in self._clusters:
            for value in tying(cluster):
                holders.setdefault(value, []).append(cluster)
        near: dict[Cluster, set[Cluster]] = {}
        for sharing in holders.values():
            for one, other in combinations(sharing, 2):
                near.setdefault(one, set()).add(other)
                near.setdefault(other, set()).add(one)
        done: set[Cluster] = set()
        for cluster in [found for found in self._clusters if found in near]:
            if cluster not in done:
                part = _reach(cluster, near, near.keys())
                done |= part
                yield _Part(sorted(part, key=lambda found: found.first.name), near)

    def _tying(self, cluster: Cluster, rung: Rung, kind: IdKind) -> Collection[str]:
        """What ties it on this rung. An earlier serial number that another device has now pulls its papers both ways at once."""
        match rung:
            case Rung.SERIAL:
                return cluster.values(kind) | (cluster.former & self._taken)
            case Rung.FORMER:
                return cluster.serials() & self._former
            case _:
                return cluster.values(kind)

    def _docks(self) -> set[str]:
        """MACs that things which can't be one share."""
        holders: dict[str, list[Cluster]] = {}
        for cluster in self._clusters:
            for value in cluster.values(IdKind.MAC):
                holders.setdefault(value, []).append(cluster)
        return {
            value
            for value, found in holders.items()
            if any(against(one, other, Rung.MAC, touching=True) for one, other in combinations(found, 2))
        }

    def settle(self, part: _Part, rung: Rung) -> None:
        """Join what must be one device, keep apart what can't be, and leave the rest for a person."""
        against_it = _contradictions(part, rung)
        if not against_it:
            self._merge(part.clusters, rung)
            return
        sides = _sides(part, against_it)
        self._ask_why(sides, against_it)
        free = {cluster for cluster in part.clusters if cluster not in against_it}
        joins: dict[int, list[Cluster]] = {}
        for cluster in [found for found in part.clusters if found in free]:
            chain = _reach(cluster, part.near, free)
            touched = {n for n, side in enumerate(sides) if any(part.near[link] & set(side) for link in chain)}
            if len(touched) == 1:
                joins.setdefault(touched.pop(), []).append(cluster)
            else:
                self._leave(cluster, rung, [found.first.record_id for n in sorted(touched) for found in sides[n]])
        for n, side in enumerate(sides):
            self._merge([*side, *joins.get(n, ())], rung)

    def _leave(self, cluster: Cluster, rung: Rung, others: Iterable[int]) -> None:
        """Ask; and attach it to nothing, unless a stronger identifier or a person's own entry makes it a device."""
        question = Question(cluster.first.record_id, AMBIGUOUS, tuple(sorted(others)))
        stronger = {kind for above, kind in LADDER[: [found for found, _ in LADDER].index(rung)]}
        if any(cluster.values(kind) for kind in stronger) or any(node.is_typed for node in cluster.nodes):
            self._asked.append(question)
        else:
            self._undecided.update(node.record_id for node in cluster.nodes)
            self._left.append(question)

    def _ask_why(self, sides: Sequence[Sequence[Cluster]], against_it: "_Against") -> None:
        """One question a part, about those whose contradiction is anybody's question and was not asked higher up."""
        reasons: set[str] = set()
        about: set[int] = set()
        for (n, one), (m, other) in combinations(enumerate(sides), 2):
            found = [(a, b, why) for a in one for b in other if (why := against_it.get(a, {}).get(b)) is not None]
            for a, b, why in found:
                pair = frozenset({a.first.record_id, b.first.record_id})
                if why == TAKEN:
                    self._asked += [_new_serial(x, y) for x, y in ((a, b), (b, a)) if _changed(x)]
                elif why in ASKED and pair not in self._pairs:
                    self._pairs.add(pair)
                    reasons.add(why)
                    about |= {n, m}
        if reasons:
            *others, last = [sides[n][0].first.record_id for n in sorted(about)]
            self._asked.append(Question(last, min(reasons, key=ASKED.index), tuple(others)))

    def _merge(self, clusters: Sequence[Cluster], rung: Rung) -> None:
        if len(clusters) < 2:
            return
        first, *rest = clusters
        for other in rest:
            first.take(other, rung)
        gone = set(rest)
        self._clusters = [cluster for cluster in self._clusters if cluster not in gone]

    def result(self, more: Iterable[Question]) -> Partition:
        """The clusters as they stand, and what is asked about them; `more` was found before."""
        kept = [c for c in self._clusters if not all(node.record_id in self._undecided for node in c.nodes)]
        groups = [Group(tuple(sorted(node.record_id for node in c.nodes)), c.rungs, c.pin) for c in kept]
        undecided = self._undecided - {record_id for group in groups for record_id in group.records}
        asked = [*more, *self._asked, *(question for question in self._left if question.record_id in undecided)]
        asked.extend(question for cluster in kept for question in _doubts(cluster))
        return Partition(tuple(groups), tuple(sorted(undecided)), _once(asked))


_Against = dict[Cluster, dict[Cluster, str]]
"""Cluster -> those it can't be one device with, and why."""


def _contradictions(part: _Part, rung: Rung) -> _Against:
    too_many = crowded(part.clusters)
    found: _Against = {}
    for one, other in combinations(part.clusters, 2):
        why = against(one, other, rung, other in part.near[one], too_many)
        if why is not None:
            found.setdefault(one, {})[other] = why
            found.setdefault(other, {})[one] = why
    return found


def _sides(part: _Part, against_it: _Against) -> list[list[Cluster]]:
    """Neighbours against which the very same others stand, put together: between any other two it would be a guess."""
    alike: dict[frozenset[Cluster], list[Cluster]] = {}
    for cluster in [found for found in part.clusters if found in against_it]:
        alike.setdefault(frozenset(against_it[cluster]), []).append(cluster)
    sides = []
    for group in alike.values():
        left = list(group)
        while left:
            side = _reach(left[0], part.near, set(left))
            sides.append([cluster for cluster in left if cluster in side])
            left = [cluster for cluster in left if cluster not in side]
    return sorted(sides, key=lambda side: side[0].first.name)


def _reach(start: Cluster, near: Mapping[Cluster, set[Cluster]], through: Collection[Cluster]) -> set[Cluster]:
    found, todo = {start}, [start]
    while todo:
        for other in near[todo.pop()]:
            if other in through and other not in found:
                found.add(other)
                todo.append(other)
    return found


def _changed(cluster: Cluster) -> Node | None:
    return next((node for node in cluster.nodes if node.former), None)


def _new_serial(cluster: Cluster, other: Cluster) -> Question:
    node = _changed(cluster) or cluster.first
    return Question(node.record_id, NEW_SERIAL, (other.first.record_id,))


def _doubts(cluster: Cluster) -> Iterator[Question]:
    """What looks odd within one device."""
    for kind in sorted({node.managed_as for node in cluster.nodes if node.managed_as is not None}):
        managing = {node.source: node.record_id for node in cluster.nodes if node.managed_as == kind}
        if len(managing) > 1:
            first, *others = managing.values()
            yield Question(first, TWO_MANAGERS, tuple(others))


def _once(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Each question once, about everything it was asked about."""
    found: dict[tuple[int, str], set[int]] = {}
    for question in questions:
        found.setdefault((question.record_id, question.reason), set()).update(question.others)
    return tuple(Question(record_id, reason, tuple(sorted(others))) for (record_id, reason), others in found.items())
