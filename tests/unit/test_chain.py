"""Whatever is done to a chain of audit rows, following it finds it; anchors find what the chain alone can't show."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from devreg.domain import chain
from devreg.domain.chain import GENESIS, Anchor, Deed, Detail, Fault, Flaw, Link, Outcome, Row

_NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
_TEXT = st.text(max_size=6)
_DEED = st.builds(
    Deed,
    role=_TEXT,
    right=_TEXT,
    act=_TEXT,
    about=_TEXT,
    outcome=st.sampled_from(Outcome),
    run_id=st.none() | st.integers(0, 99),
    intent_id=st.none() | st.integers(0, 99),
)
_DETAIL = st.builds(Detail, actor=_TEXT, entra=st.none() | _TEXT, reason=st.none() | _TEXT, after=st.none() | _TEXT)
_SAID = st.tuples(_DEED, _DETAIL, st.integers(-90, 90))
_CHAIN = st.lists(_SAID, min_size=2, max_size=7).map(lambda said: _grown([], said))


def _grown(rows: list[Row], said: list[tuple[Deed, Detail, int]]) -> list[Row]:
    """The chain with more rows, as a register writes them."""
    grown = list(rows)
    for deed, detail, minutes in said:
        salt = bytes([len(grown)]) * 32
        last = grown[-1].link if grown else None
        link = chain.follow(last, deed, chain.commitment(salt, detail), _NOON + timedelta(minutes=minutes))
        grown.append(Row(link, salt, detail))
    return grown


def _fault(rows: list[Row], *anchors: Anchor) -> Fault | None:
    return chain.verify(sorted(rows, key=lambda row: row.link.seq), anchors, 0).fault


def _anchor(rows: list[Row]) -> Anchor:
    return Anchor(len(rows), rows[-1].link.hash, "outside")


def _numbered(rows: list[Row]) -> list[Row]:
    """The rows with numbers that go up without a gap, as somebody would leave them who removes or moves one."""
    return [
        msgspec.structs.replace(row, link=msgspec.structs.replace(row.link, seq=number))
        for number, row in enumerate(rows, 1)
    ]


@given(_CHAIN)
def test_a_chain_as_it_was_written_verifies_with_every_anchor_of_its_life(rows: list[Row]) -> None:
    anchors = [_anchor(rows[:count]) for count in range(1, len(rows) + 1)]
    verified = chain.verify(rows, [*anchors, Anchor(0, GENESIS, "when it was empty")], 0)
    assert (verified.fault, verified.count, verified.head) == (None, len(rows), rows[-1].link.hash)
    assert verified.clock_back == sum(row.link.clock_back for row in rows)


def _change(value: object) -> object:
    match value:
        case bool():
            return not value
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:]
        case int():
            return value + 1
        case datetime():
            return value + timedelta(microseconds=1)
        case Outcome():
            return Outcome.DONE if value is Outcome.FAILED else Outcome.FAILED
        case None:
            return 1
        case str():
            return value + "x"
    raise AssertionError(value)


@given(_CHAIN, st.data())
def test_an_edited_row_is_named(rows: list[Row], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    link = rows[at].link
    name = data.draw(st.sampled_from([*Deed.__struct_fields__, "at", "clock_back", "commitment", "previous", "hash"]))
    if name in Deed.__struct_fields__:
        deed = msgspec.structs.replace(link.deed, **{name: _change(getattr(link.deed, name))})
        edited = msgspec.structs.replace(link, deed=deed)
    else:
        edited = msgspec.structs.replace(link, **{name: _change(getattr(link, name))})
    rows[at] = msgspec.structs.replace(rows[at], link=edited)
    fault = _fault(rows)
    assert fault is not None
    assert (fault.seq, fault.flaw) == (at + 1, Flaw.OUT_OF_PLACE if name == "previous" else Flaw.EDITED)


@given(_CHAIN, st.data())
def test_edited_details_are_named(rows: list[Row], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(Detail.__struct_fields__))
    said = rows[at].detail
    assert said is not None
    old = getattr(said, name)
    edited = msgspec.structs.replace(said, **{name: "x" if old is None else old + "x"})
    rows[at] = msgspec.structs.replace(rows[at], detail=edited)
    assert _fault(rows) == Fault(at + 1, Flaw.DETAILS_EDITED)


@given(_CHAIN, st.data())
def test_details_removed_without_a_purge_are_named(rows: list[Row], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    rows[at] = Row(rows[at].link)
    assert _fault(rows) == Fault(at + 1, Flaw.DETAILS_REMOVED)
    assert chain.verify(rows, (), at).fault == Fault(at + 1, Flaw.DETAILS_REMOVED)
    verified = chain.verify(rows, (), at + 1)
    assert (verified.fault, verified.purged) == (None, 1)


@given(_CHAIN, st.data(), st.booleans())
def test_a_removed_row_is_named(rows: list[Row], data: st.DataObject, renumbered: bool) -> None:
    at = data.draw(st.integers(0, len(rows) - 2))
    left = rows[:at] + rows[at + 1 :]
    fault = _fault(_numbered(left) if renumbered else left)
    assert fault == Fault(at + 1, Flaw.OUT_OF_PLACE if renumbered else Flaw.REMOVED)


@given(_CHAIN, _SAID, st.data())
def test_an_inserted_row_is_named_however_well_it_is_made(
    rows: list[Row], said: tuple[Deed, Detail, int], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    forged = _grown(rows[:at], [said])
    assume(forged[-1] != rows[at])
    fault = _fault(_numbered(forged + rows[at:]))
    assert fault is not None
    assert fault.seq == at + 2  # the forged row itself follows from those before it
    assert fault.flaw is Flaw.OUT_OF_PLACE


@given(_CHAIN, st.data())
def test_rows_in_another_order_are_found(rows: list[Row], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    assume(order != list(range(len(rows))))
    fault = _fault(_numbered([rows[number] for number in order]))
    assert fault is not None
    first = next(place for place, number in enumerate(order) if place != number)
    assert fault == Fault(first + 1, Flaw.OUT_OF_PLACE)


@given(_CHAIN, st.data(), st.lists(_SAID, max_size=4))
def test_a_cut_tail_is_found_by_an_anchor_even_when_new_rows_follow(
    rows: list[Row], data: st.DataObject, more: list[tuple[Deed, Detail, int]]
) -> None:
    kept = data.draw(st.integers(0, len(rows) - 1))
    cut = _grown(rows[:kept], more)
    assume(len(cut) < len(rows) or cut[len(rows) - 1] != rows[-1])
    assert _fault(cut) is None  # the chain alone can't tell
    flaw = Flaw.CUT if len(cut) < len(rows) else Flaw.REWRITTEN
    assert _fault(cut, _anchor(rows)) == Fault(min(len(cut) + 1, len(rows)), flaw, "outside")


@given(_CHAIN, st.data(), _SAID)
def test_a_chain_written_anew_from_any_row_on_is_found_by_an_anchor(
    rows: list[Row], data: st.DataObject, said: tuple[Deed, Detail, int]
) -> None:
    start = data.draw(st.integers(0, len(rows) - 1))
    assume(said[0] != rows[start].link.deed)
    anew = _grown(rows[:start], [said])
    for row in rows[start + 1 :]:
        assert row.detail is not None
        minutes = (row.link.at - _NOON) // timedelta(minutes=1)
        anew = _grown(anew, [(row.link.deed, row.detail, minutes)])
    assert _fault(anew) is None
    earlier = [_anchor(rows[:count]) for count in range(1, start + 1)]
    assert _fault(anew, *earlier, _anchor(rows)) == Fault(len(rows), Flaw.REWRITTEN, "outside")


@given(st.lists(st.none() | st.text(max_size=3), max_size=4), st.lists(st.none() | st.text(max_size=3), max_size=4))
def test_no_two_lists_of_parts_look_alike(one: list[str | None], other: list[str | None]) -> None:
    assert (chain.netstring(*one) == chain.netstring(*other)) == (one == other)


def test_every_field_of_a_row_is_in_its_hash() -> None:
    """A field that somebody adds later must be hashed too."""
    hashed = {*Link.__struct_fields__} - {"deed", "hash"} | {*Deed.__struct_fields__}
    assert hashed == {
        "seq", "at", "clock_back", "commitment", "previous",
        "role", "right", "act", "about", "outcome", "run_id", "intent_id", "purged_to",
    }  # fmt: skip
