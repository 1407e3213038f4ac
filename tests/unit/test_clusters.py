"""Which records are one device: tables of cases, and that order never matters."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devreg.domain.clusters import (
    AMBIGUOUS,
    NEW_SERIAL,
    OTHER_MAKER,
    OTHER_SERIAL,
    TWO_MANAGERS,
    Node,
    Partition,
    partition,
)
from devreg.domain.observation import Identifier, IdKind

Spec = tuple[str, str, str, bool, int | None]
"""Source, identifiers ("s1 i2 m3"), maker, live, pin."""

_KINDS = {"s": IdKind.SERIAL, "i": IdKind.IMEI, "e": IdKind.MEID, "m": IdKind.MAC}


def node(number: int, source: str, keys: str, maker: str = "", live: bool = True, pin: int | None = None) -> Node:
    found = frozenset(Identifier(_KINDS[key[0]], key[1:]) for key in keys.split())
    return Node(number, f"{source} {number}", source, found, maker or None, live, pin)


def devices(result: Partition) -> list[tuple[int, ...]]:
    return [group.records for group in result.groups]


@pytest.mark.parametrize(
    ("nodes", "together", "undecided", "asked"),
    [
        ([node(1, "a", "s1"), node(2, "b", "s1")], [(1, 2)], (), []),
        ([node(1, "a", "s1", "hp"), node(2, "b", "s1", "dell")], [(1,), (2,)], (), [OTHER_MAKER]),
        ([node(1, "a", "s1", "hp"), node(2, "b", "s1", "dell"), node(3, "c", "s1")], [(1,), (2,)], (3,), [AMBIGUOUS, OTHER_MAKER]),
        ([node(1, "a", "s1", "hp"), node(2, "b", "s1"), node(3, "c", "s1", "hp")], [(1, 2, 3)], (), []),
        ([node(1, "a", "s1 i1"), node(2, "b", "i1"), node(3, "c", "s1")], [(1, 2, 3)], (), []),
        ([node(1, "a", "i1"), node(2, "b", "s1"), node(3, "c", "s1 i1")], [(1, 2, 3)], (), []),
        ([node(1, "a", "s1 i1"), node(2, "b", "s2 i1")], [(1,), (2,)], (), [OTHER_SERIAL]),
        ([node(1, "a", "s1 m1"), node(2, "b", "s2 m1")], [(1,), (2,)], (), []),
        ([node(1, "a", "s1 m1"), node(2, "b", "s2 m1"), node(3, "c", "m1")], [(1,), (2,)], (3,), [AMBIGUOUS]),
        ([node(1, "a", "s1 m1"), node(2, "b", "s2 m1"), node(3, "c", "m2"), node(4, "d", "s1 m2")], [(1, 3, 4), (2,)], (), []),
        ([node(1, "a", "m1"), node(2, "a", "m1")], [(1,), (2,)], (), []),
        ([node(1, "a", "m1", live=False), node(2, "a", "m1")], [(1, 2)], (), []),
        ([node(1, "a", "s1", pin=7), node(2, "b", "s1", pin=8)], [(1,), (2,)], (), []),
        ([node(1, "a", "s1", pin=7), node(2, "b", "s2", pin=7)], [(1, 2)], (), []),
        ([node(1, "a", ""), node(2, "b", "")], [(1,), (2,)], (), []),
        ([node(1, "a", "i1 i2"), node(2, "b", "i1"), node(3, "c", "i2")], [(1, 2, 3)], (), []),
    ],
    ids=[
        "one serial", "two makers of one serial", "a third that says no maker", "makers that agree", "through serial and IMEI",
        "a later record joins two", "one IMEI, two serials", "a dock's MAC", "only a dock's MAC", "a MAC that leads to one side",
        "two live records of one source share a MAC", "an old record of the same source", "kept apart by a person",
        "merged by a person", "nothing to go by", "two SIMs",
    ],
)  # fmt: skip
def test_records_are_sorted_into_devices(
    nodes: list[Node], together: list[tuple[int, ...]], undecided: tuple[int, ...], asked: list[str]
) -> None:
    result = partition(nodes)
    assert (devices(result), result.undecided) == (together, undecided)
    assert sorted(question.reason for question in result.questions) == sorted(asked)


def test_an_identifier_that_half_the_city_shares_names_nothing() -> None:
    assert len(partition([node(n, "a", "s1") for n in range(60)]).groups) == 60


def test_two_consoles_that_both_manage_a_device_are_asked_about() -> None:
    def managed(number: int, source: str, kind: str) -> Node:
        return Node(number, source, source, frozenset({Identifier(IdKind.SERIAL, "X")}), None, managed_as=kind)

    asked = partition(
        [managed(1, "city", "google"), managed(2, "old", "google"), managed(3, "intune", "intune")]
    ).questions
    assert [(q.reason, q.record_id, q.others) for q in asked] == [(TWO_MANAGERS, 1, (2,))]


def test_a_record_with_a_new_serial_keeps_its_device_and_is_asked_about() -> None:
    keys = frozenset({Identifier(IdKind.SERIAL, "OLD"), Identifier(IdKind.SERIAL, "NEW")})
    result = partition([Node(1, "a", "a", keys, None, new_serial=True), node(2, "b", "sOLD"), node(3, "c", "sNEW")])
    assert devices(result) == [(1, 2, 3)]
    assert [question.reason for question in result.questions] == [NEW_SERIAL]


_KEYS = st.frozensets(
    st.builds(Identifier, st.sampled_from([IdKind.SERIAL, IdKind.IMEI, IdKind.MAC]), st.sampled_from("abcd")),
    max_size=3,
)
_SPECS = st.tuples(
    st.sampled_from("xyz"),
    _KEYS,
    st.sampled_from([None, "hp", "lenovo"]),
    st.booleans(),
    st.sampled_from([None, None, 1, 2]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_SPECS, max_size=9), st.randoms(use_true_random=False))
def test_the_same_records_give_the_same_devices_in_any_order(
    specs: list[tuple[str, frozenset[Identifier], str | None, bool, int | None]], dice: Random
) -> None:
    named = [(f"{spec[0]}-{n}", spec) for n, spec in enumerate(specs)]

    def sorted_out(
        order: list[tuple[str, tuple[str, frozenset[Identifier], str | None, bool, int | None]]],
    ) -> tuple[object, ...]:
        result = partition(Node(n, name, *spec) for n, (name, spec) in enumerate(order))
        names = {n: name for n, (name, _) in enumerate(order)}
        pins = {n: spec[4] for n, (_, spec) in enumerate(order)}
        every = [record for group in result.groups for record in group.records] + list(result.undecided)
        assert sorted(every) == list(range(len(order))), "each record once"
        assert all(len({pins[record] for record in group.records} - {None}) <= 1 for group in result.groups)
        asked = sorted((names[question.record_id], question.reason) for question in result.questions)
        groups = {frozenset(names[record] for record in group.records) for group in result.groups}
        return groups, {names[record] for record in result.undecided}, asked

    shuffled = list(named)
    dice.shuffle(shuffled)
    assert sorted_out(named) == sorted_out(shuffled)
