"""Provenance, merging, placing and absence: rules that give the same answer whatever the order."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.absence import judge, too_many_rejected
from devreg.domain.fields import DEVICE_FIELDS
from devreg.domain.merge import SourceRecord, merge
from devreg.domain.observation import Identifier, IdKind, Observation, Subject
from devreg.domain.placing import place
from devreg.domain.policy import AS_SHIPPED, Policy, Weighing, policy_of
from devreg.domain.provenance import REASONS, Claim, Word, choose
from devreg.domain.sorting import fold, sort_key
from devreg.domain.soundness import flaw, is_storable
from devreg.settings import UnitRule
from devreg.store.records import decode, encode

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)
KINDS = ("intune", "google", "snmp", "sheet", "person", "new_kind")


def claim(
    value: str,
    kind: str = "intune",
    minutes: int = 0,
    live: bool = True,
    source: str | None = None,
    word: Word | None = None,
) -> Claim:
    return Claim(value, source or kind, kind, "1", NOON + timedelta(minutes=minutes), live, word=word)


WORD = Word("me", "seen it")


@pytest.mark.parametrize(
    ("field", "claims", "value", "rule"),
    [
        ("model", [claim("a")], "a", "only source"),
        ("model", [claim("a", "sheet", 9), claim("b", "intune")], "b", "the managing tool knows best"),
        ("room", [claim("a", "sheet"), claim("b", "intune", 9)], "a", "the city's own lists know best"),
        ("price_cents", [claim("a", "intune", 9), claim("b", "sheet")], "b", "papers know best"),
        ("model", [claim("a", "person"), claim("b", "intune", 9)], "a", "a person's word"),
        ("model", [claim("a", "person", live=False), claim("b", "intune", 9)], "a", "a person's word"),
        ("model", [claim("a", live=False, minutes=9), claim("b", "sheet")], "b", "current record before history"),
        ("model", [claim("a", source="x"), claim("b", source="y", minutes=1)], "a", "first by name"),
        ("model", [claim("a", "new_kind", 9), claim("b", "snmp")], "b", "the managing tool knows best"),
        ("model", [claim("a"), claim("a", "sheet")], "a", "sources agree"),
    ],
)
def test_who_knows_a_field_best(field: str, claims: list[Claim], value: str, rule: str) -> None:
    chosen = choose(field, claims)
    assert chosen is not None
    assert (chosen.value, chosen.rule, len(chosen.losers)) == (value, rule, len(claims) - 1)


def test_nobody_says_anything() -> None:
    assert choose("model", []) is None


@pytest.mark.parametrize(
    ("weighing", "claims", "value", "rule", "against"),
    [
        (Weighing(("sheet",)), [claim("a", "sheet"), claim("b")], "a", "the settings' order of sources", None),
        (Weighing(("y",)), [claim("a", source="y"), claim("b", source="x")], "a", "the settings' order of sources", None),
        (Weighing(("sheet", "y")), [claim("a", "sheet", source="y"), claim("b", "sheet")], "b", "the settings' order of sources", None),
        (Weighing(("sheet",)), [claim("a", "google"), claim("b")], "b", "the settings' order of sources", None),
        (Weighing(write_if_empty=("x",)), [claim("a", source="x"), claim("b", "new_kind")], "b", "others only fill gaps", None),
        (Weighing(write_if_empty=("x",)), [claim("a", source="x"), claim("b", live=False)], "b", "others only fill gaps", None),
        (Weighing(write_if_empty=("x",)), [claim("a", source="x")], "a", "fills what nobody else says", None),
        (Weighing(locked="sheet"), [claim("a", "sheet", live=False), claim("b")], "a", "locked to its source", "b"),
        (Weighing(locked="x"), [claim("a", source="x"), claim("b", "person", word=WORD)], "a", "locked to its source", "b"),
        (Weighing(locked="x"), [claim("a", source="x"), claim("a")], "a", "locked to its source", None),
        (Weighing(locked="x"), [claim("b")], None, "locked to a source that says nothing", "b"),
        (Weighing(locked="x"), [claim("b", live=False)], None, "locked to a source that says nothing", None),
        (Weighing(), [claim("a", "person", word=WORD), claim("b"), claim("c", "sheet")], "a", "a person's word", "b"),
        (Weighing(), [claim("a", "person", word=WORD), claim("a"), claim("c", "sheet")], "a", "a person's word", None),
        (Weighing(), [claim("a", "person", word=WORD), claim("b", live=False)], "a", "a person's word", None),
        (Weighing(), [claim("a", "person", 1, word=WORD), claim("b", "person", 0, word=WORD)], "a", "a person's word", None),
        (Weighing(), [claim("a", "person", 0, word=WORD), claim("b", "person", 9)], "a", "a person's word", None),
    ],
)  # fmt: skip
def test_a_policy_says_whose_word_counts_and_what_it_keeps_out(
    weighing: Weighing, claims: list[Claim], value: str | None, rule: str, against: str | None
) -> None:
    chosen = choose("model", claims, policy_of({"model": weighing}))
    assert chosen is not None
    assert (chosen.value, chosen.rule) == (value, rule)
    assert (chosen.against.value if chosen.against else None) == against


def test_what_is_said_of_a_field_replaces_what_is_said_of_its_group() -> None:
    policy = policy_of({"custody": Weighing(("google",), locked="x"), "room": Weighing(write_if_empty=("y",))})
    assert policy.of("unit") == Weighing(("google", "sheet", "intune", "snmp"), locked="x", as_shipped=False)
    assert policy.of("room") == Weighing(("sheet", "google", "intune", "snmp"), ("y",))
    assert policy.of("model") == AS_SHIPPED.of("model")


def test_saying_the_shipped_order_is_saying_nothing() -> None:
    assert policy_of({"technical": Weighing(("intune", "google", "snmp", "sheet"))}) == AS_SHIPPED


def test_a_policy_comes_back_from_the_store_as_it_went_in() -> None:
    policy = policy_of({"room": Weighing(("x",), ("y",), "z", timedelta(days=90))})
    assert msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy
    assert Policy({}).of("room") == AS_SHIPPED.of("room")


words = st.one_of(st.none(), st.just(WORD))
claims = st.builds(
    Claim, st.sampled_from(["a", "b"]), st.sampled_from("xyz"), st.sampled_from(KINDS), st.sampled_from("12"),
    st.one_of(st.none(), st.integers(0, 3).map(lambda n: NOON + timedelta(minutes=n))), st.booleans(), word=words,
)  # fmt: skip
names = st.sampled_from([*"xyz", *KINDS])
weighings = st.builds(
    Weighing, st.lists(names, max_size=3).map(tuple), st.lists(names, max_size=2).map(tuple), st.none() | names
)


@given(
    st.lists(claims, min_size=1, max_size=6, unique_by=lambda c: (c.source, c.native_id)),
    st.randoms(),
    st.sampled_from(list(DEVICE_FIELDS)),
    weighings,
)
def test_the_order_of_claims_decides_nothing_and_none_is_lost(
    said: list[Claim], dice: Any, field: str, weighing: Weighing
) -> None:
    mixed, policy = dice.sample(said, len(said)), policy_of({field: weighing})
    chosen = choose(field, said, policy)
    assert chosen == choose(field, mixed, policy)
    assert chosen is not None
    assert chosen.rule in REASONS
    won = [c for c in said if c not in chosen.losers]
    assert sorted(map(repr, [*chosen.losers, *won])) == sorted(map(repr, said))
    assert [c.value for c in won] == ([] if chosen.value is None else [chosen.value])


def record(
    source: str,
    kind: str,
    claims: dict[str, Any],
    minutes: int = 0,
    gone: bool = False,
    live: bool = True,
    heard: bool = True,
) -> SourceRecord:
    moment = NOON + timedelta(minutes=minutes)
    seen = Observation(
        Subject.DEVICE, (Identifier(IdKind.SERIAL, f"S{minutes}"),), claims, live=live, manages=kind == "intune"
    )
    return SourceRecord(source, kind, "1", seen, moment, moment if heard else None, NOON if gone else None)


records = st.builds(
    record, st.sampled_from("wxyz"), st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(["model", "room", "name"]), st.sampled_from("ab")),
    st.integers(0, 3), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip


def value(field: str, text: str, minutes: int = 0, gone: bool = False) -> SourceRecord:
    """What a person gave one field."""
    moment = NOON + timedelta(minutes=minutes)
    seen = Observation(Subject.VALUE, claims={field: text}, facts={"by": "me", "reason": "seen it"})
    return SourceRecord("by hand", "person", f"{field}-{minutes}", seen, moment, None, NOON if gone else None)


values = st.builds(
    value, st.sampled_from(["model", "room", "state"]), st.sampled_from("ab"), st.integers(0, 9), st.booleans()
)


@given(
    st.lists(records, min_size=1, max_size=5, unique_by=lambda r: r.source),
    st.lists(values, max_size=3, unique_by=lambda r: r.native_id),
    st.randoms(),
    st.dictionaries(st.sampled_from(["model", "room", "state", "custody"]), weighings),
)
def test_the_order_of_records_decides_nothing(
    listed: list[SourceRecord], said: list[SourceRecord], dice: Any, weighed: dict[str, Weighing]
) -> None:
    about, policy = [*listed, *said], policy_of(weighed)
    assert merge(about, policy) == merge(dice.sample(about, len(about)), policy)


@given(st.lists(records, min_size=1, max_size=5, unique_by=lambda r: r.source), st.lists(values, max_size=3))
def test_a_persons_values_touch_no_other_field_and_tell_nothing_of_where_the_device_is(
    listed: list[SourceRecord], said: list[SourceRecord]
) -> None:
    alone, with_words = merge(listed), merge([*listed, *said])
    named = {name for record_ in said for name in record_.seen.claims}
    assert {n: c for n, c in with_words.fields.items() if n not in named} == {
        n: c for n, c in alone.fields.items() if n not in named
    }
    for told in ("managed_by", "sources", "last_seen", "missing_since", "keys"):
        assert getattr(alone, told) == getattr(with_words, told)


def test_a_value_that_a_person_took_back_is_no_word_any_more() -> None:
    merged = merge(
        [record("a", "intune", {"room": "x"}), value("room", "y", gone=True), value("model", "z", gone=True)]
    )
    assert (merged.value("room"), merged.fields["room"].losers, "model" in merged.fields) == ("x", (), False)


def test_a_device_is_missing_only_when_all_that_saw_it_lost_it() -> None:
    lost, seeing, listing = record("a", "intune", {}, gone=True), record("b", "google", {}), record("c", "sheet", {})
    assert merge([lost, listing]).missing_since == NOON
    assert merge([lost, seeing]).missing_since is None
    assert merge([listing]).missing_since is None
    assert merge([record("c", "sheet", {}, gone=True)]).missing_since is None


def test_a_gone_record_manages_nothing_and_yields_to_those_that_are_there() -> None:
    merged = merge([record("a", "intune", {"model": "old"}, 9, gone=True), record("b", "google", {"model": "new"})])
    assert (merged.managed_by, merged.sources, merged.fields["model"].value) == ((), ("b",), "new")
    assert merged.last_seen == NOON + timedelta(minutes=9)


def test_a_state_nobody_said_follows_from_who_knows_the_device() -> None:
    assert merge([record("c", "sheet", {})]).fields["state"].value == "in_stock"
    assert merge([record("c", "sheet", {}), record("a", "intune", {})]).fields["state"].value == "in_use"
    assert merge([record("c", "sheet", {"state": "lost"}), record("a", "intune", {})]).fields["state"].value == "lost"


@pytest.mark.parametrize(
    ("known", "unseen", "held"),
    [(0, 0, False), (1, 1, True), (5, 5, True), (100, 100, True), (100, 99, True), (100, 10, False), (100, 11, True), (100, 6, False),
     (1000, 50, False), (1000, 51, True), (1000, 60, True), (1000, 40, False), (11, 10, False), (10, 9, False), (100, 0, False)],
)  # fmt: skip
def test_too_much_gone_at_once_is_held(known: int, unseen: int, held: bool) -> None:
    assert (not judge(known, unseen).may_mark) == held


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_nothing_gone_is_never_held_and_all_gone_always_is(known: int, unseen: int) -> None:
    assert judge(known, 0).may_mark
    assert known == 0 or not judge(known, known).may_mark
    if unseen <= known and not judge(known, unseen).may_mark:
        assert unseen == known or not judge(known, min(known, unseen + 1)).may_mark


@pytest.mark.parametrize(
    ("rejected", "total", "too_many"),
    [(0, 0, False), (1, 1, False), (1, 4, False), (2, 4, True), (20, 100, False), (21, 100, True)],
)
def test_over_a_fifth_bad_is_too_many(rejected: int, total: int, too_many: bool) -> None:
    assert too_many_rejected(rejected, total) == too_many


def rules(*given_: dict[str, str]) -> list[UnitRule]:
    return [UnitRule.model_validate(rule) for rule in given_]


@pytest.mark.parametrize(
    ("condition", "facts", "name", "fits"),
    [
        ({"org_unit": "/A/B"}, {"org_unit": "/A/B"}, "", True),
        ({"org_unit": "/A/B"}, {"org_unit": "/a/b/c"}, "", True),
        ({"org_unit": "/A/B"}, {"org_unit": "/A/BC"}, "", False),
        ({"org_unit": "/A/B"}, {}, "", False),
        ({"org_unit": "/"}, {"org_unit": "/A"}, "", True),
        ({"org_unit": "/A/"}, {"org_unit": "/A"}, "", True),
        ({"group_tag": "School-1"}, {"group_tag": "school-1"}, "", True),
        ({"category": "Oppilas"}, {"category": "Henkilöstö"}, "", False),
        ({"department": "Ä"}, {"department": "ä"}, "", True),
        ({"name": "sw-*-?"}, {}, "SW-mantymaki-1", True),
        ({"name": "sw-*"}, {}, "ap-1", False),
        ({"name": "sw-*"}, {}, "", False),
        ({"subnet": "10.20.0.0/24"}, {"subnet": "10.20.0.77"}, "", True),
        ({"subnet": "10.20.0.0/24"}, {"subnet": "10.21.0.77"}, "", False),
        ({"subnet": "10.20.0.0/24"}, {"subnet": "2001:db8::1"}, "", False),
        ({"subnet": "10.20.0.0/24"}, {"subnet": "switch.example"}, "", False),
        ({"subnet": "10.20.0.0/24", "name": "sw-*"}, {"subnet": "10.20.0.1"}, "sw-1", True),
        ({"subnet": "10.20.0.0/24", "name": "sw-*"}, {"subnet": "10.20.0.1"}, "ap-1", False),
    ],
)
def test_a_rule_fits_when_all_its_conditions_hold(
    condition: dict[str, str], facts: dict[str, str], name: str, fits: bool
) -> None:
    seen = Observation(Subject.DEVICE, claims={"name": name} if name else {}, facts=facts)
    assert place(seen, rules({**condition, "unit": "u", "use": "pupil"})) == (
        {"unit": "u", "use": "pupil"} if fits else {}
    )


def test_the_first_rule_that_fits_wins() -> None:
    seen = Observation(Subject.DEVICE, facts={"org_unit": "/A/B"})
    both = rules({"org_unit": "/A/B", "unit": "b"}, {"org_unit": "/A", "unit": "a", "use": "staff"})
    assert place(seen, both) == {"unit": "b"}
    assert place(seen, reversed(both)) == {"unit": "a", "use": "staff"}


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_folding_forgets_case_and_accents(text: str) -> None:
    assert fold(text) == fold(text.casefold())


def test_the_alphabet_ends_with_a_ring_a_dots_o_dots() -> None:
    assert sorted(["öljy", "Ärrä", "ål", "zebra", "Épée", "apple", "Ö"], key=sort_key) == [
        "apple",
        "Épée",
        "zebra",
        "ål",
        "Ärrä",
        "Ö",
        "öljy",
    ]


times = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=50)
by_type = {str: texts, int: st.integers(-(2**63) + 1, 2**63 - 1), float: st.floats(allow_nan=False, allow_infinity=False),
           bool: st.booleans(), datetime: times, date: st.dates()}  # fmt: skip
sound = st.fixed_dictionaries({}, optional={name: by_type[field.value_type] for name, field in DEVICE_FIELDS.items()})


@given(sound, st.one_of(st.none(), times))
def test_a_sound_observation_comes_back_from_the_store_as_it_went_in(
    said: dict[str, Any], as_of: datetime | None
) -> None:
    seen = Observation(Subject.DEVICE, claims=said, as_of=as_of)
    assert flaw(seen) is None
    back = decode(encode(seen))
    assert msgspec.structs.asdict(back) == msgspec.structs.asdict(seen)


@given(
    st.sampled_from(list(DEVICE_FIELDS)),
    st.one_of(st.none(), st.binary(max_size=3), st.lists(st.integers(), max_size=2), st.just(object())),
)
def test_what_is_no_value_is_a_flaw(field: str, value: Any) -> None:
    assert flaw(Observation(Subject.DEVICE, claims={field: value})) is not None


@given(st.text(st.characters()))
def test_text_is_storable_when_it_is_utf8_without_nul(text: str) -> None:
    try:
        plain = text.encode()
    except UnicodeEncodeError:
        assert not is_storable(text)
    else:
        assert is_storable(text) == (b"\0" not in plain)
