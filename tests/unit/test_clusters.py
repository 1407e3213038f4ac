"""Which records are one device: tables of cases, and that order never matters."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devreg.domain.clusters import AMBIGUOUS, NEW_SERIAL, TWO_MANAGERS, Partition, partition
from devreg.domain.contradictions import (
    CLONED,
    MANY_IMEIS,
    OTHER_HARDWARE,
    OTHER_MAKER,
    OTHER_MAKER_IMEI,
    OTHER_MAKER_MAC,
    OTHER_SERIAL,
    PERHAPS_DOCK,
    TWICE,
)
from devreg.domain.fillers import FILLER, MOST_IN_ONE_SOURCE
from devreg.domain.nodes import Node
from devreg.domain.observation import Identifier, IdKind

_KINDS = {"s": IdKind.SERIAL, "i": IdKind.IMEI, "e": IdKind.MEID, "m": IdKind.MAC, "o": IdKind.SERIAL}


def node(number: int, source: str, keys: str, maker: str = "", model: str = "", **more: Any) -> Node:
    """Identifiers as `s1 i2 m3`; `o1` is a serial number it had once. Sources whose names begin with `p` are papers."""
    now = frozenset(Identifier(_KINDS[key[0]], key[1:]) for key in keys.split() if key[0] != "o")
    former = frozenset(Identifier(IdKind.SERIAL, key[1:]) for key in keys.split() if key[0] == "o")
    return Node(
        number, f"{source} {number:03}", source, now, maker or None, model or None, former=former,
        is_listed=source.startswith("p"), **more,
    )  # fmt: skip


def devices(result: Partition) -> list[tuple[int, ...]]:
    return [group.records for group in result.groups]


CASES = {
    "one serial": ([node(1, "a", "s1"), node(2, "b", "s1")], [(1, 2)], (), []),
    "two makers of one serial": ([node(1, "a", "s1", "hp"), node(2, "b", "s1", "dell")], [(1,), (2,)], (), [OTHER_MAKER]),
    "a third that says no maker": (
        [node(1, "a", "s1", "hp"), node(2, "b", "s1", "dell"), node(3, "c", "s1")], [(1,), (2,)], (3,), [AMBIGUOUS, OTHER_MAKER]),
    "makers that agree": ([node(1, "a", "s1", "hp"), node(2, "b", "s1"), node(3, "c", "s1", "hp")], [(1, 2, 3)], (), []),
    "two of one maker against one of another": (
        [node(1, "a", "s1", "hp"), node(2, "b", "s1", "dell"), node(3, "c", "s1", "hp")], [(1, 3), (2,)], (), [OTHER_MAKER]),
    "through serial and IMEI": ([node(1, "a", "s1 i1"), node(2, "b", "i1"), node(3, "c", "s1")], [(1, 2, 3)], (), []),
    "a later record joins two": ([node(1, "a", "i1"), node(2, "b", "s1"), node(3, "c", "s1 i1")], [(1, 2, 3)], (), []),
    "one IMEI, two serials": ([node(1, "a", "s1 i1"), node(2, "b", "s2 i1")], [(1,), (2,)], (), [OTHER_SERIAL]),
    "kept apart by a person": ([node(1, "a", "s1", pin=7), node(2, "b", "s1", pin=8)], [(1,), (2,)], (), []),
    "merged by a person": ([node(1, "a", "s1", pin=7), node(2, "b", "s2", pin=7)], [(1, 2)], (), []),
    "nothing to go by": ([node(1, "a", ""), node(2, "b", "")], [(1,), (2,)], (), []),
    # What one source has twice
    "enrolled anew": ([node(1, "a", "s1 m1"), node(2, "a", "s1 m1 m2")], [(1, 2)], (), []),
    "enrolled anew without a word of its hardware": ([node(1, "a", "s1"), node(2, "a", "s1 m1")], [(1, 2)], (), []),
    "one serial, other MACs in one source": ([node(1, "a", "s1 m1"), node(2, "a", "s1 m2")], [(1,), (2,)], (), [OTHER_HARDWARE]),
    "one serial, other IMEIs in one source": ([node(1, "a", "s1 i1"), node(2, "a", "s1 i2")], [(1,), (2,)], (), [OTHER_HARDWARE]),
    "the other of them gone": ([node(1, "a", "s1 m1", live=False), node(2, "a", "s1 m2")], [(1,), (2,)], (), [OTHER_HARDWARE]),
    "one serial, another model in one source": (
        [node(1, "a", "s1", model="T14"), node(2, "a", "s1", model="L13")], [(1,), (2,)], (), [OTHER_HARDWARE]),
    "papers that could be either's": (
        [node(1, "a", "s1 m1"), node(2, "a", "s1 m2"), node(3, "p", "s1")], [(1,), (2,)], (3,), [AMBIGUOUS, OTHER_HARDWARE]),
    "papers whose MAC tells": (
        [node(1, "a", "s1 m1"), node(2, "a", "s1 m2"), node(3, "p", "s1 m2")], [(1,), (2, 3)], (), [OTHER_HARDWARE]),
    "two virtual machines": (
        [node(1, "a", "s1", model="Virtual Machine"), node(2, "a", "s1", model="Virtual Machine")], [(1,), (2,)], (), [CLONED]),
    "a virtual machine in two sources": ([node(1, "a", "s1", "vmware"), node(2, "b", "s1", "vmware")], [(1, 2)], (), []),
    # Serial numbers that changed
    "papers under the earlier number": ([node(1, "a", "s2 o1"), node(2, "p", "s1")], [(1, 2)], (), [NEW_SERIAL]),
    "papers under both numbers": (
        [node(1, "a", "s2 o1"), node(2, "p", "s1"), node(3, "p", "s2")], [(1, 3), (2,)], (), [NEW_SERIAL]),
    "the number that was is another's now": ([node(1, "a", "s2 o1"), node(2, "a", "s1")], [(1,), (2,)], (), [NEW_SERIAL]),
    "and its papers are anybody's": (
        [node(1, "a", "s2 o1"), node(2, "a", "s1"), node(3, "p", "s1")], [(1,), (2,)], (3,), [AMBIGUOUS, NEW_SERIAL]),
    "swapped boards": ([node(1, "a", "s2 o1"), node(2, "a", "s1 o2")], [(1,), (2,)], (), [NEW_SERIAL, NEW_SERIAL]),
    "swapped boards with papers": (
        [node(1, "a", "s2 o1"), node(2, "a", "s1 o2"), node(3, "p", "s1"), node(4, "p", "s2")], [(1,), (2,)], (3, 4),
        [AMBIGUOUS, AMBIGUOUS, NEW_SERIAL, NEW_SERIAL]),
    "swapped boards, one of them gone": (
        [node(1, "a", "s2 o1"), node(2, "b", "s1 o2", live=False)], [(1,), (2,)], (), [NEW_SERIAL, NEW_SERIAL]),
    "two that once had the number": ([node(1, "a", "s2 o1"), node(2, "b", "s3 o1")], [(1,), (2,)], (), [NEW_SERIAL, NEW_SERIAL]),
    "a record of before, no longer listed": (
        [node(1, "a", "s2 o1"), node(2, "b", "s1", live=False)], [(1, 2)], (), [NEW_SERIAL]),
    "a number no longer said": ([node(1, "a", "o1"), node(2, "b", "s1"), node(3, "p", "s1")], [(1, 2, 3)], (), []),
    "a corrected row": ([node(1, "p", "s2 o1"), node(2, "a", "s1"), node(3, "a", "s2")], [(1, 3), (2,)], (), [NEW_SERIAL]),
    # IMEIs
    "two SIMs": ([node(1, "a", "i1 i2"), node(2, "b", "i1"), node(3, "c", "i2")], [(1, 2, 3)], (), []),
    "two SIMs, one in each source": ([node(1, "a", "s1 i1"), node(2, "b", "s1 i2")], [(1, 2)], (), []),
    "three SIMs": (
        [node(1, "a", "s1 i1"), node(2, "b", "s1 i2"), node(3, "c", "s1 i3")], [(1,), (2,), (3,)], (), [MANY_IMEIS]),
    "three SIMs, two of them together": (
        [node(1, "a", "s1 i1 i2"), node(2, "b", "s1 i2"), node(3, "c", "s1 i3")], [(1, 2), (3,)], (), [MANY_IMEIS]),
    "three MEIDs": ([node(1, "a", "s1 e1 e2"), node(2, "b", "s1 e3")], [(1,), (2,)], (), [MANY_IMEIS]),
    "one IMEI, two makers": ([node(1, "a", "i1", "nokia"), node(2, "b", "i1", "samsung")], [(1,), (2,)], (), [OTHER_MAKER_IMEI]),
    "one IMEI, other MACs in one source": ([node(1, "a", "i1 m1"), node(2, "a", "i1 m2")], [(1,), (2,)], (), [OTHER_HARDWARE]),
    # MACs and docks
    "a laptop's Wi-Fi alone in another source": ([node(1, "a", "s1 m1 m2"), node(2, "b", "m1")], [(1, 2)], (), []),
    "a label with one of its MACs": ([node(1, "p", "s1 m1"), node(2, "b", "m1 m2")], [(1, 2)], (), []),
    "a dock is all it has": ([node(1, "a", "s1 m9"), node(2, "b", "m1 m9")], [(1,), (2,)], (), [PERHAPS_DOCK]),
    "a dock of two": ([node(1, "a", "s1 m1 m9"), node(2, "b", "m2 m9")], [(1,), (2,)], (), [PERHAPS_DOCK]),
    "a dock of two makers": ([node(1, "a", "m1 m9", "hp"), node(2, "b", "m2 m9", "dell")], [(1,), (2,)], (), []),
    "one MAC, two makers": ([node(1, "a", "s1 m1", "hp"), node(2, "b", "m1", "dell")], [(1,), (2,)], (), [OTHER_MAKER_MAC]),
    "a dock's MAC": ([node(1, "a", "s1 m1"), node(2, "b", "s2 m1")], [(1,), (2,)], (), []),
    "a dock handed around": (
        [node(1, "a", "s1 m1 m9"), node(2, "a", "s2 m2 m9"), node(3, "a", "s3 m3 m9"), node(4, "b", "m3")],
        [(1,), (2,), (3, 4)], (), []),
    "only a dock's MAC": ([node(1, "a", "s1 m1"), node(2, "b", "s2 m1"), node(3, "c", "m1")], [(1,), (2,)], (3,), [AMBIGUOUS]),
    "a MAC that leads to one side": (
        [node(1, "a", "s1 m1"), node(2, "b", "s2 m1"), node(3, "c", "m2"), node(4, "d", "s1 m1 m2")], [(1, 3, 4), (2,)], (), []),
    "two rows that could be one laptop's": (
        [node(1, "a", "s1 m1 m9"), node(2, "p", "m1"), node(3, "p", "m9")], [(1,), (2,), (3,)], (), [AMBIGUOUS]),
    "two live records of one source share all MACs": ([node(1, "a", "m1"), node(2, "a", "m1")], [(1,), (2,)], (), [TWICE]),
    "two live records of one source share a dock": ([node(1, "a", "m1 m9"), node(2, "a", "m2 m9")], [(1,), (2,)], (), []),
    "an old record of the same source": ([node(1, "a", "m1", live=False), node(2, "a", "m1")], [(1, 2)], (), []),
}  # fmt: skip


@pytest.mark.parametrize(("nodes", "together", "undecided", "asked"), CASES.values(), ids=CASES)
def test_records_are_sorted_into_devices(
    nodes: list[Node], together: list[tuple[int, ...]], undecided: tuple[int, ...], asked: list[str]
) -> None:
    result = partition(nodes)
    assert (sorted(devices(result)), result.undecided) == (together, undecided)
    assert sorted(question.reason for question in result.questions) == sorted(asked)


def test_an_identifier_that_half_the_city_shares_names_nothing_and_is_asked_about_once() -> None:
    result = partition([node(n, "a", "s1") for n in range(60)])
    assert len(result.groups) == 60
    assert [(q.reason, q.record_id, q.others) for q in result.questions] == [(FILLER, 0, ())]


def test_of_an_identifier_without_count_not_all_who_have_it_need_be_at_hand() -> None:
    result = partition([node(1, "a", "s1"), node(2, "b", "s1")], {Identifier(IdKind.SERIAL, "1")})
    assert devices(result) == [(1,), (2,)]
    assert [(q.reason, q.record_id, q.others) for q in result.questions] == [(FILLER, 1, ())]


def test_a_dock_that_the_whole_city_uses_is_no_question() -> None:
    assert partition([node(n, "a", f"s{n} m9") for n in range(60)]).questions == ()


@pytest.mark.parametrize("key", ["s1", "i1", "e1"])
def test_what_four_in_one_source_share_is_a_placeholder_and_asked_about_once(key: str) -> None:
    nodes = [*(node(n, "a", f"{key} m{n}") for n in range(4)), node(5, "papers", key), node(6, "b", f"{key} m2")]
    result = partition(nodes)
    assert devices(result) == [(0,), (1,), (2, 6), (3,), (5,)]
    assert [(q.reason, q.record_id, q.others) for q in result.questions] == [(FILLER, 0, (1, 2, 3, 5, 6))]


def test_a_device_that_a_list_invoices_every_month_is_one_by_its_label() -> None:
    rows = [node(number, "papers", "sREAL1", tags=frozenset({"T-1"})) for number in range(1, 9)]
    assert devices(partition(rows)) == [tuple(range(1, 9))]
    labels = [node(number, "papers", "sREAL1", tags=frozenset({f"T-{number}"})) for number in range(1, 9)]
    assert partition(labels).questions[0].reason == FILLER


def test_rows_that_agree_on_a_number_are_two_when_their_phones_are_two_by_their_own_word() -> None:
    phones = [node(1, "intune", "sREAL1 i1"), node(2, "intune", "sREAL2 i2")]
    rows = [node(3, "papers", "sTAG1 i1"), node(4, "purchases", "sTAG1 i2")]
    assert devices(partition([*phones, *rows])) == [(1,), (2,), (3,), (4,)]
    assert devices(partition([phones[0], *rows]))[-1] == (3, 4)


def test_a_cloned_machine_stays_another_when_it_is_gone() -> None:
    began = datetime(2026, 1, 28, 9, tzinfo=UTC)
    vm = {"maker": "vmware", "model": "VMware7,1", "since": began}
    left = [
        node(1, "intune", "sVM1", until=began + timedelta(days=90), **vm),
        node(2, "intune", "sVM1", live=False, **vm),
    ]
    assert devices(partition(left)) == [(1,), (2,)]


def test_a_placeholder_stays_one_when_its_devices_go() -> None:
    result = partition([node(n, "a", f"s1 m{n}", live=n == 0) for n in range(4)])
    assert len(result.groups) == 4


def test_one_device_may_be_enrolled_any_number_of_times() -> None:
    assert devices(partition([node(n, "a", "s1 m1") for n in range(6)])) == [tuple(range(6))]
    assert devices(partition([node(n, "a", "s1", live=n == 0) for n in range(6)])) == [tuple(range(6))]


def test_people_may_say_that_a_suspected_placeholder_is_one_device() -> None:
    result = partition([*(node(n, "a", "s1", pin=7) for n in range(5)), node(5, "papers", "s1")])
    assert (devices(result), result.questions) == ([(0, 1, 2, 3, 4, 5)], ())


def test_what_a_person_entered_stays_a_device_when_a_source_has_two_that_fit() -> None:
    two = [node(1, "intune", "sONE1", model="M"), node(2, "intune", "sONE1", model="N")]
    entered = node(3, "p by hand", "sONE1", is_typed=True)
    result = partition([*two, entered, node(4, "p", "sONE1")])
    assert (devices(result), result.undecided) == ([(1,), (2,), (3,)], (4,))
    assert {question.record_id for question in result.questions if question.reason == AMBIGUOUS} == {3, 4}


def test_two_consoles_that_both_manage_a_device_are_asked_about() -> None:
    asked = partition(
        [
            node(1, "city", "sX", managed_as="google"),
            node(2, "old", "sX", managed_as="google"),
            node(3, "x", "sX", managed_as="intune"),
        ]
    ).questions
    assert [(q.reason, q.record_id, q.others) for q in asked] == [(TWO_MANAGERS, 1, (2,))]


def test_a_record_with_a_new_serial_keeps_its_device_and_is_asked_about() -> None:
    result = partition([node(1, "a", "sNEW oOLD"), node(2, "papers", "sOLD"), node(3, "c", "sNEW")])
    assert devices(result) == [(1, 2, 3)]
    assert [question.reason for question in result.questions] == [NEW_SERIAL]


_KEYS = st.frozensets(
    st.builds(Identifier, st.sampled_from([IdKind.SERIAL, IdKind.IMEI, IdKind.MAC]), st.sampled_from("abcd")),
    max_size=3,
)
_SPECS = st.fixed_dictionaries(
    {
        "source": st.sampled_from("xyp"),
        "keys": _KEYS,
        "former": st.frozensets(st.builds(Identifier, st.just(IdKind.SERIAL), st.sampled_from("abcd")), max_size=1),
        "maker": st.sampled_from([None, "hp", "lenovo", "vmware"]),
        "model": st.sampled_from([None, "t14"]),
        "live": st.booleans(),
        "pin": st.sampled_from([None, None, None, 1, 2]),
    }
)


@settings(max_examples=500, deadline=None)
@given(st.lists(_SPECS, max_size=12), st.randoms(use_true_random=False))
def test_the_same_records_give_the_same_devices_in_any_order(specs: list[dict[str, Any]], dice: Random) -> None:
    named = [(f"{spec['source']}-{n}", spec) for n, spec in enumerate(specs)]

    def sorted_out(order: list[tuple[str, dict[str, Any]]]) -> tuple[object, ...]:
        result = partition(_built(n, name, spec) for n, (name, spec) in enumerate(order))
        names = {n: name for n, (name, _) in enumerate(order)}
        pins = {n: spec["pin"] for n, (_, spec) in enumerate(order)}
        every = [record for group in result.groups for record in group.records] + list(result.undecided)
        assert sorted(every) == list(range(len(order))), "each record once"
        assert all(len({pins[record] for record in group.records} - {None}) <= 1 for group in result.groups)
        assert len({(q.record_id, q.reason) for q in result.questions}) == len(result.questions), "each question once"
        asked = sorted((names[q.record_id], q.reason, sorted(names[n] for n in q.others)) for q in result.questions)
        groups = {frozenset(names[record] for record in group.records) for group in result.groups}
        return groups, {names[record] for record in result.undecided}, asked

    shuffled = list(named)
    dice.shuffle(shuffled)
    assert sorted_out(named) == sorted_out(shuffled)


def _built(number: int, name: str, spec: dict[str, Any]) -> Node:
    known = {field: value for field, value in spec.items() if field != "former"}
    return Node(number, name, former=spec["former"] - spec["keys"], is_listed=spec["source"] == "p", **known)


@settings(max_examples=500, deadline=None)
@given(st.lists(_SPECS, max_size=12))
def test_no_rule_puts_two_makers_or_three_sims_into_one_device(specs: list[dict[str, Any]]) -> None:
    nodes = [_built(n, f"{spec['source']}-{n}", {**spec, "pin": None}) for n, spec in enumerate(specs)]
    for group in partition(nodes).groups:
        about = [nodes[record] for record in group.records]
        assert len({node.maker for node in about} - {None}) <= 1
        sims = {
            imei for node in about for imei in node.values(IdKind.IMEI) if _holders(nodes, imei) <= MOST_IN_ONE_SOURCE
        }
        assert len(sims) <= 2 or any(len(node.values(IdKind.IMEI)) > 2 for node in about)


def _holders(nodes: list[Node], imei: str) -> int:
    return sum(imei in node.values(IdKind.IMEI) for node in nodes)
