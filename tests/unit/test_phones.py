"""How a phone stands, from its records and the state somebody said; and what each platform lets be done from afar."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from devreg.domain.device import Kind
from devreg.domain.merge import merge
from devreg.domain.observation import Observation, Subject
from devreg.domain.phones import LEFT_OUT, NEXT_STEPS, Category, standing_of
from devreg.domain.platforms import OFFERS, Mode, RemoteAct, is_lockable, is_wipeable, mode_of
from devreg.domain.source_record import SourceRecord
from devreg.domain.words import LABELS

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)


def of(
    of_kind: str, *, gone: bool = False, source: str = "", as_of: datetime | None = NOON, **more: Any
) -> SourceRecord:
    flags = {name: more.pop(name) for name in ("live", "manages", "listed") if name in more}
    seen = Observation(Subject.DEVICE, claims={"kind": "phone", **more}, **flags)
    return SourceRecord(
        source or of_kind,
        of_kind,
        "x",
        seen,
        NOON,
        None if of_kind == "sheet" or seen.listed else as_of,
        NOON if gone else None,
    )


PAPER = of("sheet")
LISTED = of("intune", listed=True, ownership="company", management_state="notContacted")
FAILED = of("intune", listed=True, ownership="company", management_state="failed")
ENROLLED = of("intune", manages=True, ownership="company")
PERSONAL = of("intune", manages=True, ownership="personal")
GONE = of("intune", manages=True, gone=True, ownership="company")
WIPED = of("intune", live=False, ownership="company")
SIGNED_IN = of("intune", manages=False)

STANDINGS: list[tuple[list[SourceRecord], str | None, Category]] = [
    ([ENROLLED, PAPER], None, Category.ENROLLED),
    ([ENROLLED, LISTED], "in_use", Category.ENROLLED),
    ([ENROLLED], None, Category.UNLISTED),
    ([ENROLLED, of("sheet", gone=True)], None, Category.UNLISTED),
    ([PERSONAL, PAPER], None, Category.AS_PERSONAL),
    ([PERSONAL], None, Category.PRIVATE),
    ([PERSONAL, ENROLLED, PAPER], None, Category.ENROLLED),
    ([GONE, PAPER], None, Category.LEFT),
    ([GONE], None, Category.LEFT),
    ([WIPED, PAPER], None, Category.LEFT),
    ([GONE, LISTED], None, Category.LEFT),
    ([of("google", manages=True, gone=True, ownership="personal")], None, Category.PRIVATE),
    ([of("google", manages=True, gone=True, ownership="personal"), PAPER], None, Category.LEFT),
    ([SIGNED_IN, PAPER], None, Category.SIGNED_IN),
    ([LISTED], None, Category.NEVER),
    ([LISTED, PAPER], None, Category.NEVER),
    ([FAILED, PAPER], None, Category.FAILED),
    ([PAPER], None, Category.PAPERS_ONLY),
    ([PAPER], "in_stock", Category.IN_STOCK),
    ([PAPER], "ordered", Category.IN_STOCK),
    ([GONE, PAPER], "in_repair", Category.IN_STOCK),
    ([ENROLLED, PAPER], "in_stock", Category.ENROLLED),
    ([ENROLLED, PAPER], "lost", Category.LOST),
    ([PAPER], "retired", Category.OUT_OF_USE),
]


@pytest.mark.parametrize(("records", "state", "standing"), STANDINGS)
def test_a_phone_stands_as_its_records_say_in_whatever_order(
    records: list[SourceRecord], state: str | None, standing: Category
) -> None:
    for order in itertools.permutations(records):
        assert standing_of(order, state) is standing


def test_that_only_lists_know_a_phone_does_not_say_that_it_is_in_stock() -> None:
    merged = merge([PAPER])
    assert (merged.value("state"), merged.management.standing) == ("in_stock", Category.PAPERS_ONLY)


def test_only_a_phone_has_a_standing() -> None:
    laptop = of("intune", manages=True, kind="laptop")
    assert merge([laptop]).management.standing is None


def test_the_last_contact_is_what_a_tool_heard_and_not_what_a_switch_saw() -> None:
    wlan = of("snmp", as_of=datetime(2027, 1, 1, tzinfo=UTC))
    merged = merge([of("intune", manages=True, gone=True), wlan])
    assert (merged.management.contact_at, merged.last_seen) == (NOON, datetime(2027, 1, 1, tzinfo=UTC))


def test_every_category_has_a_word_and_every_one_that_needs_something_a_next_step() -> None:
    assert all(str(member) in LABELS for member in Category)
    assert set(Category) - NEXT_STEPS.keys() == {Category.ENROLLED, *LEFT_OUT} - {Category.LOST}


@pytest.mark.parametrize(
    ("claims", "mode", "lock", "wipe"),
    [
        ({"os": "iOS", "supervised": True}, Mode.IOS_SUPERVISED, True, True),
        ({"os": "iOS", "supervised": False}, Mode.IOS, True, True),
        ({"os": "iOS", "enrolment": "appleUserEnrollment"}, Mode.IOS_USER, None, False),
        ({"os": "Android", "enrolment": "androidEnterpriseFullyManaged"}, Mode.ANDROID_FULL, True, True),
        ({"os": "Android", "enrolment": "androidEnterpriseDedicatedDevice"}, Mode.ANDROID_DEDICATED, True, True),
        ({"os": "Android", "enrolment": "userEnrollment"}, Mode.ANDROID_WORK_PROFILE, False, False),
        ({"os": "AndroidEnterprise"}, Mode.ANDROID, None, None),
        ({"os": "Windows"}, Mode.WINDOWS, False, True),
        ({"os": "macOS"}, Mode.MACOS, True, True),
        ({"os": "Tizen"}, None, None, None),
    ],
)
def test_what_intune_may_do_follows_the_platform_table(
    claims: dict[str, Any], mode: Mode | None, lock: bool | None, wipe: bool | None
) -> None:
    found = mode_of("intune", Observation(Subject.DEVICE, claims=claims, manages=True))
    assert found == mode
    if found is not None:
        assert (is_lockable(found), is_wipeable(found)) == (lock, wipe)


def test_android_of_unknown_enrolment_is_offered_only_what_every_android_takes() -> None:
    androids = [mode for mode in Mode if mode.startswith("android")]
    certain = frozenset.intersection(*(OFFERS[mode].may for mode in androids)) - {
        RemoteAct.DELETE
    }  # it does not mean the same in each
    assert OFFERS[Mode.ANDROID].may == certain


def test_nothing_is_offered_and_unsure_at_once_and_every_mode_has_its_row() -> None:
    assert set(OFFERS) == set(Mode)
    assert not any(offer.may & offer.unsure for offer in OFFERS.values())
    assert all(
        OFFERS[mode].allows(RemoteAct.WIPE) is False for mode in (Mode.GOOGLE_PRIVATE, Mode.ANDROID_WORK_PROFILE)
    )


def test_a_chromebook_that_intune_only_shows_can_be_wiped_from_both() -> None:
    google = of("google", source="chrome-city", manages=True, kind="chromebook", os="ChromeOS")
    shown = of("intune", manages=False, kind="chromebook", os="ChromeOS")
    management = merge([google, shown]).management
    assert (management.managed_by, management.wiped_by) == (("chrome-city",), ("chrome-city", "intune"))
    assert merge([google, of("intune", manages=False, gone=True, os="ChromeOS")]).management.wiped_by == (
        "chrome-city",
    )


def test_of_two_tools_the_one_that_can_do_more_says_what_can_be_done() -> None:
    private = of("google", manages=True, ownership="personal", os="Android")
    company = of("intune", manages=True, os="Android", enrolment="androidEnterpriseFullyManaged")
    for records in itertools.permutations([private, company]):
        assert merge(records).management.mode is Mode.ANDROID_FULL


def test_kinds_of_phones_and_tablets_in_google_are_the_citys_or_private() -> None:
    tablet = Observation(Subject.DEVICE, claims={"kind": Kind.TABLET, "ownership": "company"}, manages=True)
    assert mode_of("google", tablet) is Mode.GOOGLE_COMPANY
    assert (is_lockable(Mode.GOOGLE_COMPANY), is_wipeable(Mode.GOOGLE_COMPANY)) == (False, True)
