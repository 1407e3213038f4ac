"""Telephone numbers of operators' lists: never devices, tied to the phone that has them once it is known; on both engines."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collector_rig import loaded
from openpyxl import Workbook
from register_rig import NOON, actor, browser, devices, later, page, row, rows, run, run_of

from collectors.sheet import SheetCollector, SheetOptions
from devreg.domain.sims import iccid_key, number_key
from devreg.ports import Query
from devreg.services.editing import edit
from devreg.services.ingest import Feed
from devreg.services.replay import replay
from devreg.store import schema
from devreg.store.engine import Sessions

_HEAD = ["Liittymänumero", "ICCID", "IMEI", "Käyttäjä", "Operaattori", "Kuukausimaksu"]
_ALONE = ["050 123 4567", "8935801234567890129", None, "Anna Ala", "Operaattori Oy", 9.9]
_IMEI = "356741081122334"


def _list(folder: Path, *lines: list[Any]) -> SheetCollector:
    book = Workbook()
    assert book.active is not None
    for line in (_HEAD, *lines):
        book.active.append(line)
    book.save(folder / "s.xlsx")
    said = SheetOptions.model_validate({"kind": "sheet", "path": "s.xlsx", "profile": "subscriptions"})
    return SheetCollector("operator", said, loaded(folder))


def billed(sessions: Sessions, folder: Path, *lines: list[Any], now: datetime = NOON) -> SheetCollector:
    source = _list(folder, *lines)
    assert run_of(sessions, source, name="operator", kind="sheet", now=now).verdict == "complete"
    return source


def phone(sessions: Sessions, native_id: str = "P1", now: datetime = NOON, **said: Any) -> None:
    found = row(native_id, serial=f"SER{native_id}", kind="phone", as_of=now, **said)
    run(sessions, page(found), name=native_id, now=now)


def numbers(sessions: Sessions) -> list[tuple[Any, ...]]:
    """Number, device and what tied it, as the list shows them."""
    keys = browser(sessions).keys("subscriptions", Query())
    listed = browser(sessions).rows("subscriptions", keys)
    return [(line["phone_number"], line["device_id"], line["found_by"]) for line in listed]


def test_a_number_alone_is_no_device_but_stands_in_its_list_with_its_contract(
    sessions: Sessions, tmp_path: Path
) -> None:
    billed(sessions, tmp_path, _ALONE)
    assert devices(sessions) == []
    assert numbers(sessions) == [("050 123 4567", None, None)]
    [contract], [place] = rows(sessions, schema.contract), rows(sessions, schema.contract_device)
    assert (contract["kind"], contract["supplier"]) == ("subscription", "Operaattori Oy")
    assert (place["device_id"], place["monthly_fee_cents"]) == (None, 990)


@pytest.mark.parametrize(
    ("said", "by"), [({"phone_number": "+358 50 1234567"}, "phone_number"), ({"iccid": "893580123456789012"}, "iccid")]
)
@pytest.mark.parametrize("phone_first", [True, False])
def test_it_is_tied_to_the_phone_that_has_it_whichever_is_read_first(
    sessions: Sessions, tmp_path: Path, said: dict[str, str], by: str, phone_first: bool
) -> None:
    if phone_first:
        phone(sessions, **said)
    billed(sessions, tmp_path, _ALONE, now=later(1))
    if not phone_first:
        phone(sessions, now=later(2), **said)
    assert numbers(sessions) == [("050 123 4567", "D000001", by)]
    assert rows(sessions, schema.contract_device)[0]["device_id"] == 1
    assert [line.number for line in browser(sessions).device(1).contracts] == ["operator 050 123 4567"]


def test_of_two_phones_with_one_number_the_one_seen_later_has_it(sessions: Sessions, tmp_path: Path) -> None:
    phone(sessions, "P1", phone_number="0501234567", now=later(5))
    phone(sessions, "P2", phone_number="0501234567", now=later(6))
    billed(sessions, tmp_path, _ALONE, now=later(7))
    assert [line[1] for line in numbers(sessions)] == ["D000002"]


def test_the_sim_card_says_more_than_the_number(sessions: Sessions, tmp_path: Path) -> None:
    phone(sessions, "P1", iccid="8935801234567890129", now=later(5))
    phone(sessions, "P2", phone_number="0501234567", now=later(6))
    billed(sessions, tmp_path, _ALONE, now=later(7))
    assert numbers(sessions) == [("050 123 4567", "D000001", "iccid")]


def test_a_number_whose_phone_is_out_of_use_is_billed_without_one(sessions: Sessions, tmp_path: Path) -> None:
    phone(sessions, phone_number="0501234567")
    billed(sessions, tmp_path, _ALONE, now=later(1))
    run(sessions, page(row("1", serial="SERP1", state="retired")), name="papers", kind="sheet", now=later(2))
    assert numbers(sessions) == [("050 123 4567", None, None)]
    assert rows(sessions, schema.contract_device)[0]["device_id"] is None


def test_a_row_that_names_its_phone_is_about_the_phone_and_its_number_stands_in_the_list(
    sessions: Sessions, tmp_path: Path
) -> None:
    billed(sessions, tmp_path, [*_ALONE[:2], _IMEI, *_ALONE[3:]])
    [found] = devices(sessions)
    assert (found["imei"], found["phone_number"], found["holder"]) == (_IMEI, "050 123 4567", "Anna Ala")
    assert numbers(sessions) == [("050 123 4567", "D000001", "row")]


def test_a_row_that_names_its_phone_at_last_is_one_number_still_and_so_when_it_names_it_no_more(
    sessions: Sessions, tmp_path: Path
) -> None:
    named = [*_ALONE[:2], _IMEI, *_ALONE[3:]]
    billed(sessions, tmp_path, _ALONE)
    billed(sessions, tmp_path, named, now=later(60))
    assert numbers(sessions) == [("050 123 4567", "D000001", "row")]
    billed(sessions, tmp_path, _ALONE, now=later(120))
    assert len(numbers(sessions)) == 1
    billed(sessions, tmp_path, named, now=later(180))
    assert numbers(sessions) == [("050 123 4567", "D000001", "row")]
    assert len(devices(sessions)) == 1


def test_a_number_that_a_person_gives_a_phone_is_its_number_at_once(sessions: Sessions, tmp_path: Path) -> None:
    phone(sessions)
    billed(sessions, tmp_path, _ALONE)
    edit(sessions, actor(), 1, {"phone_number": "+358501234567"}, reason="new SIM", now=later(3))
    assert numbers(sessions) == [("050 123 4567", "D000001", "phone_number")]


def test_a_number_that_is_billed_no_more_leaves_the_list(sessions: Sessions, tmp_path: Path) -> None:
    other = ["0507654321", *_ALONE[1:3], "B", "Operaattori Oy", 1]
    billed(sessions, tmp_path, _ALONE, other)
    for days in (1, 2, 3, 9):
        billed(sessions, tmp_path, other, now=NOON + timedelta(days=days))
    assert [line[0] for line in numbers(sessions)] == ["0507654321"]


def test_a_replay_gives_the_same_numbers(sessions: Sessions, tmp_path: Path) -> None:
    phone(sessions, phone_number="0501234567")
    source = billed(sessions, tmp_path, _ALONE)
    before = numbers(sessions), rows(sessions, schema.subscription), rows(sessions, schema.contract_device)
    feed = Feed("operator", "sheet", source.observe, (), "2")
    replay(sessions, {"operator": feed}, actor=actor(), now=later(9))
    assert (numbers(sessions), rows(sessions, schema.subscription), rows(sessions, schema.contract_device)) == before


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("050 123 4567", "358501234567"), ("+358 50 1234567", "358501234567"), ("00358501234567", "358501234567"),
        ("+358 (0)50-123.4567", "358501234567"), ("358501234567", "358501234567"), ("*****4567", None), ("ei ole", None), (None, None),
    ],
)  # fmt: skip
def test_a_telephone_number_is_the_same_however_it_is_written(text: str | None, key: str | None) -> None:
    assert number_key(text) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("8935800000000001426", "8935800000000001426"), ("8935800000000001421", "893580000000000142"),
        ("893580000000000142", "893580000000000142"),
        ("8935 8000 0000 0001 421F", "893580000000000142"), ("0000000000000000000", None), ("8935", None), (None, None),
    ],
)  # fmt: skip
def test_a_sim_card_is_the_same_with_and_without_its_check_digit(text: str | None, key: str | None) -> None:
    assert iccid_key(text) == key
