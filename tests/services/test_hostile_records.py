"""Records that no database should have to see: each costs itself, never its page; on both engines."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from register_rig import Listed, browser, changes, devices, later, page, row, rows, run, run_of

from devreg.domain.observation import Observation, Subject
from devreg.errors import NotFound
from devreg.ports import FailedPart, Page, Record, Rejected
from devreg.services.browse import Query
from devreg.store import schema
from devreg.store.engine import Sessions

GOOD = row("good", serial="GOOD1", name="Åke")
DEEP: dict[str, Any] = {}
_inner = DEEP
for _ in range(2_000):
    _inner["x"] = {}
    _inner = _inner["x"]

BAD = {
    "a NUL in a claim": row("b", serial="SER1", name="x\0y"),
    "half of a surrogate pair": row("b", serial="SER1", name="x\ud800y"),
    "half of a surrogate pair outside the claims": row("b", serial="SER1", junk="\udfff"),
    "a number beyond 64 bits": row("b", serial="SER1", ram_bytes=2**70),
    "a number beyond a column": row("b", serial="SER1", ram_bytes=2**63),
    "text where a number belongs": row("b", serial="SER1", ram_bytes="8 GB"),
    "a number where text belongs": row("b", serial="SER1", name=7),
    "a flag where a number belongs": row("b", serial="SER1", page_count=True),
    "no number at all": row("b", serial="SER1", vat_rate=float("nan")),
    "a time without a zone": row("b", serial="SER1", enrolled_at="2026-01-01T00:00:00"),
    "a time before time": row("b", serial="SER1", enrolled_at="0001-01-01T00:00:00+02:00"),
    "no date": row("b", serial="SER1", support_end="soon"),
    "a field nobody knows": Record(Subject.PERSON, "b", {"shoe_size": "44"}),
    "an id with a NUL": row("b\0", serial="SER1"),
    "an id that is half a pair": row("\udc80", serial="SER1"),
    "an id too long for an index": row("b" * 3_000, serial="SER1"),
    "no id": row("", serial="SER1"),
    "a serial too long for an index": row("b", serial="S1" * 2_000),
    "a unit too long for an index": row("b", serial="SER1", unit="ö" * 900),
    "ten million characters": row("b", serial="SER1", notes="x" * 10_000_000),
    "a thing that is no JSON": row("b", serial="SER1", thing=object()),
    "too deep a nest": row("b", serial="SER1", nest=DEEP),
    "changing parts that are no JSON": Record(Subject.DEVICE, "b", {"serial": "SER1"}, {"x": 2**70}),
    "two ports of one name": row("b", serial="SER1", ports=[{"name": "1", "if_index": 1}, {"name": "1", "if_index": 2}]),
    "a port number beyond 64 bits": row("b", serial="SER1", ports=[{"name": "1", "if_index": 2**64 - 1}]),
    "a contract of too many months": row("b", serial="SER1", contract={"number": "1", "kind": "lease", "months": 2**40}),
    "a contract number with a NUL": row("b", serial="SER1", contract={"number": "1\0", "kind": "lease"}),
    "a unit without an id": row("b", Subject.UNIT, name_fi="Koulu"),
    "a head-count without a day": row("b", Subject.HEADCOUNT, unit="koulu", pupils=3),
    "a head-count without a unit": row("b", Subject.HEADCOUNT, date="2026-09-20", pupils=3),
    "a head-count beyond counting": row("b", Subject.HEADCOUNT, unit="koulu", date="2026-09-20", pupils=2**31),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_an_unfit_record_is_quarantined_and_its_neighbours_are_stored(sessions: Sessions, bad: Record) -> None:
    ended = run(sessions, page(GOOD, bad))
    assert (ended.verdict, ended.counts.rejected, ended.error) == ("complete", 1, None)
    assert [line["name"] for line in devices(sessions)] == ["Åke"]
    (kept,) = rows(sessions, schema.rejected)
    assert kept["reason"]
    assert len(kept["raw"]) <= 4_000


def test_one_page_may_hold_every_kind_of_unfit_record(sessions: Sessions) -> None:
    ended = run(sessions, page(GOOD, *BAD.values()))
    assert (ended.verdict, len(devices(sessions))) == ("held", 1)
    assert run(sessions, page(GOOD), now=later(60)).verdict == "complete"


def test_a_fault_of_the_reader_costs_one_record(sessions: Sessions) -> None:
    class Faulty(Listed):
        def observe(self, record: Record) -> Observation:
            return super().observe(record) if record.native_id == "good" else {}["secret value"]

    run_of(sessions, Faulty(page(GOOD, row("b", serial="SER1"))))
    (kept,) = rows(sessions, schema.rejected)
    assert kept["reason"] == "The record can't be read: KeyError."


def test_what_a_collector_says_beside_its_records_is_made_fit_to_keep(sessions: Sessions) -> None:
    odd = Page(
        (GOOD,),
        rejected=(Rejected("x\0\ud800", "why\0\udc00", "raw\0\ud800"),),
        warnings=("odd\0\udfff",),
        failed_parts=(FailedPart("part", "no\0 answer\ud801"),),
    )
    ended = run(sessions, odd)
    assert ended.verdict == "partial"
    assert "\0" not in rows(sessions, schema.rejected)[0]["raw"]


def test_the_largest_and_smallest_values_that_fit_are_kept_as_they_are(sessions: Sessions) -> None:
    edge = {
        "ram_bytes": 2**63 - 1, "price_cents": -(2**63) + 1, "vat_rate": 25.5, "support_end": "9999-12-31", "purchase_date": "0001-01-01",
        "enrolled_at": "0001-01-01T00:00:00+00:00", "notes": "ä" * 4_000, "name": "\U0001f98a" * 1_000, "encrypted": False,
    }  # fmt: skip
    run(sessions, page(row("b", serial="S" * 150 + "1", **edge)))
    run(sessions, page(row("b", serial="S" * 150 + "1", **edge, room="1")), now=later(60))
    line = devices(sessions)[0]
    assert (line["ram_bytes"], line["price_cents"], line["vat_rate"], line["encrypted"]) == (
        2**63 - 1,
        -(2**63) + 1,
        25.5,
        False,
    )
    assert line["enrolled_at"].isoformat() == "0001-01-01T00:00:00+00:00"
    assert [name for _, name, *_ in changes(sessions)] == ["room"]


def test_a_name_that_is_markup_or_a_formula_is_text_like_any_other(sessions: Sessions) -> None:
    for name in ("[/]", "=1+1", "'; DROP TABLE device; --", "%", "_", "\\", "100 % \u202e"):
        run(sessions, page(row("b", serial="SER1", name=name)))
        assert devices(sessions)[0]["name"] == name


def test_asking_for_text_no_database_takes_finds_nothing_and_does_not_fall(sessions: Sessions) -> None:
    run(sessions, page(GOOD))
    seen = browser(sessions)
    for text in ("\0", "x\ud800", "\udcff\udcfe", "%", "_", "\\", "'", ""):
        with pytest.raises(NotFound):
            seen.find(text)
    for text in ("\0", "x\ud800", "%", "_", "\\", "'", "/"):
        assert seen.keys("devices", Query(search=text)) == []
        assert seen.keys("devices", Query(where=(("name", text),))) == []


values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=30),
    st.text(alphabet=st.characters(), max_size=5), st.lists(st.integers(), max_size=3),
)  # fmt: skip
bodies = st.dictionaries(
    st.sampled_from(
        [
            "serial",
            "imei",
            "mac",
            "name",
            "ram_bytes",
            "enrolled_at",
            "support_end",
            "encrypted",
            "model",
            "junk",
            "state",
        ]
    ),
    values,
    max_size=6,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(bodies, min_size=1, max_size=6))
def test_whatever_a_source_sends_the_run_ends_with_a_verdict_and_the_good_record_is_kept(
    sessions: Sessions, sent: list[Any]
) -> None:
    records = [Record(Subject.DEVICE, f"r{i}", body) for i, body in enumerate(sent)]
    ended = run(sessions, page(GOOD, *records))
    assert (ended.error, ended.counts.seen) == (None, len(sent) + 1)
    assert browser(sessions).find("GOOD1")
