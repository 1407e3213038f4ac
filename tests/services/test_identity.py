"""Which device a record is about, through whole runs on both engines: what is put together, kept apart, asked, and asked once."""

from typing import Any

import pytest
from register_rig import NOON, actor, devices, later, observe, open_questions, page, row, rows, run

from devreg.domain.clusters import AMBIGUOUS, NEW_SERIAL, TWO_MANAGERS
from devreg.domain.contradictions import CLONED, MANY_IMEIS, OTHER_HARDWARE, OTHER_MAKER_IMEI
from devreg.domain.fillers import FILLER, JUNK
from devreg.services.ingest import Feed
from devreg.services.replay import replay
from devreg.services.review import Answer, decide
from devreg.store import schema
from devreg.store.engine import Sessions

_FEEDS = {name: Feed(name, kind, observe, (), "1") for name, kind in (("intune", "intune"), ("papers", "sheet"))}


def _papers(sessions: Sessions, *rows_: Any, minute: int = 0) -> None:
    run(sessions, page(*rows_), name="papers", kind="sheet", now=later(minute))


def _homes(sessions: Sessions) -> dict[str, int | None]:
    return {line["native_id"]: line["device_id"] for line in rows(sessions, schema.record)}


def _questions(sessions: Sessions) -> list[tuple[str, str]]:
    names = {line["id"]: line["native_id"] for line in rows(sessions, schema.record)}
    return [(names[q["record_id"]], q["reason"]) for q in rows(sessions, schema.review) if q["closed_at"] is None]


def _replay_changes_nothing(sessions: Sessions) -> None:
    before = _homes(sessions), _questions(sessions), devices(sessions)
    replay(sessions, _FEEDS, actor=actor(), now=later(999))
    assert before == (_homes(sessions), _questions(sessions), devices(sessions))


def _mini(number: int, serial: str = "NUC-0815", **more: Any) -> Any:
    return row(f"n{number:03}", serial=serial, mac=f"9c2a83{number:06x}", model="NucBox", **more)


def test_an_unknown_placeholder_joins_nothing_and_is_asked_about_once(sessions: Sessions) -> None:
    run(sessions, page(_mini(1), _mini(2)))
    run(sessions, page(_mini(1), _mini(2), _mini(3), _mini(4), _mini(5)), now=later(60))
    _papers(sessions, row("7", serial="NUC-0815"), row("8", mac="9c2a83000003", serial="LABEL-3"))
    assert _homes(sessions) == {"n001": 1, "n002": 2, "n003": 3, "n004": 4, "n005": 5, "7": 6, "8": 3}
    assert _questions(sessions) == [("n001", FILLER)]
    _replay_changes_nothing(sessions)


def test_it_takes_apart_what_was_one_device_while_there_were_few(sessions: Sessions) -> None:
    plain = [row(f"n{number}", serial="NUC-0815") for number in range(4)]
    run(sessions, page(*plain[:3]))
    assert len(devices(sessions)) == 1
    run(sessions, page(*plain), now=later(60))
    assert (len(devices(sessions)), _questions(sessions)) == (4, [("n0", FILLER)])
    _replay_changes_nothing(sessions)


def test_an_identifier_becomes_countless_and_countable_again_whatever_the_pages(sessions: Sessions) -> None:
    many = [_mini(number) for number in range(1, JUNK + 2)]
    for start in range(0, len(many), 17):
        run(sessions, page(*many[start : start + 17], failed=["the rest"]))
    assert (len(devices(sessions)), _questions(sessions)) == (JUNK + 1, [("n001", FILLER)])
    run(sessions, page(_mini(0), failed=["the rest"]), now=later(30))
    assert _questions(sessions) == [("n000", FILLER)]
    _replay_changes_nothing(sessions)
    renamed = [_mini(number, serial=f"REAL-{number}") for number in range(3, JUNK + 2)]
    run(sessions, page(_mini(0), _mini(1), _mini(2), *renamed), now=later(60))
    _papers(sessions, row("7", serial="NUC-0815", mac="9c2a83000002"), minute=70)
    assert _homes(sessions)["7"] == _homes(sessions)["n002"]
    _replay_changes_nothing(sessions)


def test_two_of_one_serial_in_one_source_are_two_devices_and_their_papers_wait(sessions: Sessions) -> None:
    one, other = {"imei": "356938035643809"}, {"imei": "352914114455666"}
    run(sessions, page(row("a", serial="SER1", **one), row("b", serial="SER1", **other)))
    _papers(sessions, row("7", serial="SER1"), row("8", **other))
    assert _homes(sessions) == {"a": 1, "b": 2, "7": None, "8": 2}
    assert _questions(sessions) == [("b", OTHER_HARDWARE), ("7", AMBIGUOUS)]
    _replay_changes_nothing(sessions)


def test_a_phone_enrolled_anew_may_tell_its_other_imei(sessions: Sessions) -> None:
    def enrolled(name: str, imei: str, since: int, until: int) -> Any:
        return row(name, serial="SER1", imei=imei, enrolled_at=later(since).isoformat(), as_of=later(until))

    day = 24 * 60
    old, new = enrolled("a", "356938035643809", 0, 10 * day), enrolled("b", "352914114455666", 20 * day, 30 * day)
    run(sessions, page(old, new), now=later(31 * day))
    assert (len(devices(sessions)), open_questions(sessions)) == (1, [])
    run(sessions, page(enrolled("a", "356938035643809", 0, 29 * day), new), now=later(31 * day + 60))
    assert (len(devices(sessions)), _questions(sessions)) == (2, [("b", OTHER_HARDWARE)]), "both alive: two phones"
    _replay_changes_nothing(sessions)


def test_swapped_boards_leave_two_devices_and_both_papers_for_a_person(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SER1"), row("b", serial="SER2")))
    _papers(sessions, row("7", serial="SER1"), row("8", serial="SER2"))
    run(sessions, page(row("a", serial="SER2"), row("b", serial="SER1")), now=later(60))
    assert _homes(sessions) == {"a": 1, "b": 2, "7": None, "8": None}
    assert sorted(_questions(sessions)) == [("7", AMBIGUOUS), ("8", AMBIGUOUS), ("a", NEW_SERIAL), ("b", NEW_SERIAL)]
    assert (NEW_SERIAL, [1, 2]) in open_questions(sessions), "the question names both"
    _replay_changes_nothing(sessions)


def test_a_board_put_into_another_device_takes_nothing_with_it(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="OLD1")))
    run(sessions, page(row("a", serial="NEW1")), now=later(60))
    _papers(sessions, row("7", serial="OLD1", room="A1"), minute=70)
    assert _homes(sessions) == {"a": 1, "7": 1}
    run(sessions, page(row("a", serial="NEW1"), row("c", serial="OLD1")), now=later(120))
    assert _homes(sessions) == {"a": 1, "7": None, "c": 2}
    _replay_changes_nothing(sessions)


def test_cloned_virtual_machines_are_asked_about(sessions: Sessions) -> None:
    clone = {"serial": "VMware-56 4d 0c aa", "manufacturer": "VMware, Inc.", "model": "VMware7,1"}
    run(sessions, page(row("a", **clone), row("b", **clone)))
    assert (len(devices(sessions)), _questions(sessions)) == (2, [("b", CLONED)])


def test_an_imei_of_two_makers_and_a_third_imei_are_asked_about(sessions: Sessions) -> None:
    run(sessions, page(row("a", imei="356938035643809", manufacturer="Apple Inc")))
    _papers(sessions, row("7", imei="356938035643809", manufacturer="Samsung Electronics Co., Ltd."))
    assert _questions(sessions) == [("7", OTHER_MAKER_IMEI)]
    for number, imei in enumerate(("35274911223341", "35274911223342", "35274911223343")):
        run(sessions, page(row(f"m{number}", serial="SER9", imei=imei)), name=f"tool{number}", kind="intune")
    assert MANY_IMEIS in {reason for _, reason in _questions(sessions)}
    assert len({_homes(sessions)[f"m{number}"] for number in range(3)}) == 3


def test_a_row_with_one_phones_serial_and_anothers_imei_belongs_to_neither(sessions: Sessions) -> None:
    run(
        sessions, page(row("a", serial="SER1", imei="356938035643809"), row("b", serial="SER2", imei="352914114455666"))
    )
    _papers(sessions, row("7", serial="SER1", imei="352914114455666"))
    assert _homes(sessions) == {"a": 1, "b": 2, "7": None}
    assert _questions(sessions) == [("7", AMBIGUOUS)]


def test_a_docks_mac_joins_nothing_while_each_laptops_own_does(sessions: Sessions) -> None:
    def laptop(name: str, own: str, serial: str | None = None) -> Any:
        more = {"serial": serial} if serial else {}
        return row(name, macs=[own, "00e04c680001"], **more)

    run(sessions, page(laptop("a", "a4c3f0000001", "SER1"), laptop("b", "a4c3f0000002", "SER2")))
    run(sessions, page(laptop("x", "a4c3f0000009"), row("w", mac="a4c3f0000002")), name="other", kind="snmp")
    _papers(sessions, row("7", mac="00e04c680001"))
    assert _homes(sessions) == {"a": 1, "b": 2, "x": 3, "w": 2, "7": None}


def _console(
    sessions: Sessions, name: str, device_id: str, enrolled: int, *, live: bool = True, minute: int = 0
) -> None:
    said = {
        "serial": "5CD1294QWE",
        "model": name,
        "enrolled_at": later(enrolled).isoformat(),
        "live": live,
        "manages": live,
    }
    run(sessions, page(row(device_id, **said)), name=name, kind="google", now=later(minute))


@pytest.mark.parametrize("order", [("east", "west"), ("west", "east")])
def test_a_chromebook_moved_between_consoles_is_held_by_the_one_that_enrolled_it_last(
    sessions: Sessions, order: tuple[str, str]
) -> None:
    for name in order:
        _console(sessions, name, f"{name}-id", {"east": 0, "west": 90}[name], live=name == "west")
    (line,) = devices(sessions)
    assert (line["model"], line["managed_by"], open_questions(sessions)) == ("west", "west", [])
    _console(sessions, "east", "east-id", 200, minute=60)
    (line,) = devices(sessions)
    assert (line["model"], [reason for _, reason in _questions(sessions)]) == ("east", [TWO_MANAGERS])
    _console(sessions, "west", "west-id", 90, live=False, minute=120)
    (line,) = devices(sessions)
    assert (line["model"], line["managed_by"], open_questions(sessions)) == ("east", "east", [])


def test_what_was_bought_and_registered_before_first_boot_is_filled_by_the_enrolment(sessions: Sessions) -> None:
    _papers(sessions, row("7", serial="PF3KX9AB", manufacturer="Lenovo Group", price_cents=89900, asset_tag="IT-7"))
    run(
        sessions,
        page(row("hash", serial="pf3kx9ab", manufacturer="LENOVO", model="21HE")),
        name="autopilot",
        kind="sheet",
    )
    run(sessions, page(row("1", imei="35693803564380")), name="corporate identifiers", kind="sheet")
    assert [line["state"] for line in devices(sessions)] == ["in_stock", "in_stock"]
    run(sessions, page(row("a", serial=" PF3KX9AB", manufacturer="Lenovo", model="ThinkPad L13", name="PC-1"),
                       row("b", serial="F2LZK0EX", imei="356938035643809", model="iPhone 15")), now=later(60))  # fmt: skip
    laptop, phone = devices(sessions)
    assert (laptop["name"], laptop["price_cents"], laptop["state"], laptop["sources"]) == (
        "PC-1", 89900, "in_use", "autopilot intune papers",
    )  # fmt: skip
    assert (phone["model"], phone["state"], phone["sources"]) == ("iPhone 15", "in_use", "corporate identifiers intune")
    assert open_questions(sessions) == []


def test_members_of_a_stack_are_devices_of_their_own_under_one_address(sessions: Sessions) -> None:
    members = [
        row(f"s{n}", serial=f"FOC{n}", mac=f"a4c3f00000{n}0", address="10.0.0.1", name="sw-1") for n in (1, 2, 3)
    ]
    run(sessions, page(*members), name="network", kind="snmp")
    assert (len(devices(sessions)), open_questions(sessions)) == (3, [])


def test_a_person_may_say_that_a_suspected_placeholder_is_one_device(sessions: Sessions) -> None:
    run(sessions, page(*(row(f"n{number}", serial="SER-ONE") for number in range(4))))
    (question,) = [line["id"] for line in rows(sessions, schema.review) if line["closed_at"] is None]
    decide(sessions, question, Answer.MERGE, into=1, actor=actor(), reason="one laptop, four times", now=NOON)
    _papers(sessions, row("7", serial="SER-ONE"), minute=60)
    assert (set(_homes(sessions).values()), open_questions(sessions)) == ({1}, [])
