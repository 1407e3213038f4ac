from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from devreg.domain.action import FOLLOWED, MOVES, Mover, Standing
from devreg.domain.followed import Followed, Reading, Result
from devreg.domain.platforms import DESTRUCTIVE, OFFERS, Mode, RemoteAct
from devreg.domain.settling import judge

SENT = datetime(2026, 11, 24, 8, tzinfo=UTC)
A, S = RemoteAct, Standing
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INTUNE = Mode.IOS_SUPERVISED


def order(act: RemoteAct = A.WIPE, mode: Mode = INTUNE, standing: Standing = S.ACCEPTED, **more: Any) -> Followed:
    return Followed(act, mode, standing, SENT, serial="F2LZK0EXMPL1", **more)


def reading(after: timedelta = HOUR, *, is_there: bool = True, **more: Any) -> Reading:
    more.setdefault("serial", "F2LZK0EXMPL1" if is_there else None)
    return Reading(SENT + after, is_there, **more)


def entry(name: str, state: str, after: timedelta = timedelta(seconds=1)) -> Result:
    return Result(name, state, SENT + after, SENT + after)


def command(state: str, result: str = "", after: timedelta = HOUR) -> Result:
    return Result(result, state, SENT, SENT + after)


def gone(**more: Any) -> Reading:
    return reading(is_there=False, **more)


# What Intune has as entries
VAGUE = {"none", "requested", "unknownFutureValue", "somethingNew"}
"""States of an entry that prove that the order arrived, and not that it is under way."""


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        ("done", S.CONFIRMED), ("failed", S.FAILED), ("notSupported", S.FAILED), ("canceled", S.CANCELLED),
        ("pending", None), ("active", None), ("none", None), ("requested", None), ("unknownFutureValue", None), ("somethingNew", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["results", "audits"])
@pytest.mark.parametrize(
    ("act", "name"),
    [
        (A.LOCK, "remoteLock"), (A.WIPE, "wipe"), (A.WIPE, "factoryReset"), (A.WIPE, "FACTORYRESETKEEPENROLLMENTDATA"),
        (A.RETIRE, "retire"), (A.RETIRE, "removeCompanyData"), (A.DELETE, "delete"), (A.RESET_PASSCODE, "resetPasscode"),
        (A.LOST_MODE, "enableLostMode"), (A.LOST_MODE_OFF, "disableLostMode"), (A.PLAY_SOUND, "playLostModeSound"),
        (A.LOCATE, "locateDevice"), (A.REBOOT, "rebootNow"), (A.SHUT_DOWN, "shutDown"), (A.SYNC, "syncDevice"),
    ],
)  # fmt: skip
def test_an_entry_of_the_order_decides_by_its_state_under_either_of_its_names(
    act: RemoteAct, name: str, where: str, state: str, standing: Standing | None
) -> None:
    verdict = judge(order(act), reading(**{where: (entry(name, state),)}))
    assert (verdict.standing, verdict.seen_pending) == (standing, state not in VAGUE)


def test_an_entry_older_than_the_order_by_more_than_two_minutes_is_history() -> None:
    old, close = (
        entry("remoteLock", "done", -timedelta(seconds=121)),
        entry("remoteLock", "done", -timedelta(seconds=119)),
    )
    assert judge(order(A.LOCK), reading(results=(old,))).standing is None
    assert judge(order(A.LOCK), reading(results=(close,))).standing is S.CONFIRMED


def test_an_entry_without_a_time_or_of_another_name_is_not_the_orders() -> None:
    for other in (Result("remoteLock", "done", None, None), entry("locateDevice", "done"), entry("lock", "done")):
        assert judge(order(A.LOCK), reading(results=(other,))).standing is None


def test_the_newest_entry_of_the_order_decides_whatever_order_they_come_in() -> None:
    entries = (entry("remoteLock", "failed"), entry("remoteLock", "done", HOUR))
    for results in (entries, entries[::-1]):
        assert judge(order(A.LOCK), reading(results=results)).standing is S.CONFIRMED


# Intune: the record


def test_a_wipe_is_confirmed_by_the_record_going_only_when_it_was_seen_under_way() -> None:
    pending = judge(order(), reading(state="wipePending"))
    assert (pending.standing, pending.seen_pending) == (None, True)
    assert judge(order(seen_pending=True), gone()).standing is S.CONFIRMED
    unseen = judge(order(), gone())
    assert unseen.standing is None
    assert unseen.said == "The device left Intune, reason unknown. A person must decide."


@pytest.mark.parametrize("act", [A.WIPE, A.RETIRE, A.DELETE])
def test_a_record_that_went_is_confirmed_by_the_audit_too(act: RemoteAct) -> None:
    name = {A.WIPE: "factoryReset", A.RETIRE: "removeCompanyData", A.DELETE: "delete"}[act]
    assert judge(order(act), gone(audits=(entry(name, "done"),))).standing is S.CONFIRMED
    for state in ("failed", "canceled", "notSupported", "brandNew", "unknownFutureValue"):
        verdict = judge(order(act), gone(audits=(entry(name, state),)))
        assert verdict.standing is None or state in {"brandNew", "unknownFutureValue"}, state


def test_an_unknown_state_in_the_audit_of_a_device_that_left_confirms_nothing() -> None:
    for state in ("brandNew", "unknownFutureValue"):
        assert judge(order(), gone(audits=(entry("factoryReset", state),))).standing is None


@pytest.mark.parametrize("act", sorted(set(RemoteAct) - {A.WIPE, A.RETIRE, A.DELETE}))
def test_no_other_order_is_confirmed_by_the_record_going(act: RemoteAct) -> None:
    assert judge(order(act, seen_pending=True), gone()).standing is None


def test_a_device_that_had_been_silent_for_a_month_may_have_been_hidden_by_a_clean_up_rule() -> None:
    silent = order(seen_pending=True, last_seen=SENT - 29 * DAY)
    assert judge(silent, gone(after=DAY)).standing is None
    assert judge(silent, gone(after=DAY, audits=(entry("factoryReset", "done"),))).standing is S.CONFIRMED
    assert judge(order(seen_pending=True, last_seen=SENT - 20 * DAY), gone(after=DAY)).standing is S.CONFIRMED


@pytest.mark.parametrize("option", ["keep_user_data", "keep_enrolment"])
def test_a_computer_wiped_so_that_it_stays_enrolled_is_confirmed_by_its_entry_alone(option: str) -> None:
    kept = order(mode=Mode.WINDOWS, seen_pending=True, options={option: "true"})
    assert judge(kept, gone()).standing is None
    assert judge(kept, gone(audits=(entry("factoryReset", "done"),))).standing is None
    assert judge(kept, reading(state="managed")).standing is None
    assert judge(kept, reading(state="managed", results=(entry("wipe", "done"),))).standing is S.CONFIRMED
    emptied = order(mode=Mode.WINDOWS, seen_pending=True, options={option: "false"})
    assert judge(emptied, gone()).standing is S.CONFIRMED


@pytest.mark.parametrize(
    ("act", "state", "standing"),
    [
        (A.WIPE, "wipeFailed", S.FAILED), (A.WIPE, "wipeCanceled", S.CANCELLED), (A.RETIRE, "retireFailed", S.FAILED),
        (A.RETIRE, "retireCanceled", S.CANCELLED), (A.WIPE, "retireFailed", None), (A.RETIRE, "wipeFailed", None),
        (A.WIPE, "wipeIssued", None), (A.RETIRE, "retireIssued", None), (A.DELETE, "deletePending", None),
        (A.WIPE, "managed", None), (A.WIPE, "unhealthy", None), (A.WIPE, "discovered", None), (A.WIPE, "brandNew", None),
        (A.LOCK, "wipeFailed", None), (A.WIPE, None, None),
    ],
)  # fmt: skip
def test_the_records_own_state_ends_what_was_seen_under_way(
    act: RemoteAct, state: str | None, standing: Standing | None
) -> None:
    assert judge(order(act, seen_pending=True), reading(state=state)).standing is standing


def test_a_failure_that_may_be_an_older_orders_ends_nothing() -> None:
    at_once, later = timedelta(minutes=1), timedelta(minutes=16)
    assert judge(order(), reading(after=at_once, state="wipeFailed")).standing is None
    assert judge(order(), reading(after=later, state="wipeFailed")).standing is S.FAILED
    assert judge(order(standing=S.UNKNOWN), reading(after=later, state="wipeFailed")).standing is None


def test_a_device_that_is_managed_again_after_its_wipe_was_under_way_is_for_a_person() -> None:
    verdict = judge(order(seen_pending=True), reading(state="managed"))
    assert (verdict.standing, verdict.seen_pending) == (None, True)
    assert "A person must look into it" in verdict.said


def test_a_sync_is_confirmed_by_the_devices_next_contact() -> None:
    assert judge(order(A.SYNC), reading(last_seen=SENT + HOUR)).standing is S.CONFIRMED
    assert judge(order(A.SYNC), reading(last_seen=SENT - HOUR)).standing is None
    assert judge(order(A.LOCK), reading(last_seen=SENT + HOUR)).standing is None


@pytest.mark.parametrize("mode", [Mode.ANDROID_FULL, Mode.IOS])
def test_taken_out_is_never_called_wiped(mode: Mode) -> None:
    verdict = judge(order(A.DELETE, mode), gone(audits=(entry("delete", "done"),)))
    assert verdict.standing is S.CONFIRMED
    assert ("Whether it did is not known" in verdict.said) == (mode is Mode.ANDROID_FULL)
    assert "wiped" not in verdict.said.casefold()


# What may have arrived


def test_an_order_that_may_have_arrived_is_followed_as_soon_as_it_is_seen() -> None:
    unclear = order(standing=S.UNKNOWN)
    for shown in (
        reading(state="wipePending"),
        reading(results=(entry("wipe", "pending"),)),
        reading(audits=(entry("factoryReset", "active"),)),
    ):
        verdict = judge(unclear, shown)
        assert (verdict.standing, verdict.seen_pending) == (S.ACCEPTED, True)
    for state in VAGUE:
        verdict = judge(unclear, reading(audits=(entry("factoryReset", state),)))
        assert (verdict.standing, verdict.seen_pending) == (S.ACCEPTED, False)
    assert judge(unclear, reading(results=(entry("wipe", "done"),))).standing is S.CONFIRMED


def test_an_order_that_leaves_no_trace_waits_for_a_person_and_is_never_taken_for_unsent() -> None:
    soon = judge(order(standing=S.UNKNOWN), reading(after=timedelta(minutes=14), state="managed"))
    late = judge(order(standing=S.UNKNOWN), reading(after=timedelta(minutes=16), state="managed"))
    assert (soon.standing, late.standing) == (None, None)
    assert soon.said == "It may have arrived, and is being looked for."
    assert "A person must decide" in late.said


def test_a_device_that_left_while_its_order_was_unclear_is_for_a_person() -> None:
    assert judge(order(standing=S.UNKNOWN), gone()).standing is None
    assert judge(order(standing=S.UNKNOWN), gone(audits=(entry("factoryReset", "done"),))).standing is S.CONFIRMED


def test_a_process_that_was_lost_while_sending_leaves_an_order_that_may_have_arrived() -> None:
    sending = order(standing=S.SENDING)
    assert judge(sending, reading(after=timedelta(minutes=5), state="wipePending")).standing is None
    assert judge(sending, reading(after=timedelta(minutes=6))).standing is S.UNKNOWN


# Approval there


@pytest.mark.parametrize(
    ("raw", "standing"),
    [
        ("rejected", S.REJECTED), ("cancelled", S.CANCELLED), ("canceled", S.CANCELLED), ("expired", S.EXPIRED),
        ("needsApproval", None), ("approved", None), ("completed", None), ("unknown", None), ("brandNew", None), (None, None),
    ],
)  # fmt: skip
def test_the_systems_own_second_admin_decides_and_approval_alone_does_nothing(
    raw: str | None, standing: Standing | None
) -> None:
    waiting = order(standing=S.NEEDS_APPROVAL)
    assert (
        judge(waiting, reading(approval=raw, state="wipePending", results=(entry("wipe", "done"),))).standing
        is standing
    )


@pytest.mark.parametrize("raw", ["needsApproval", "approved", "unknown", None])
def test_an_approval_that_nobody_used_in_three_days_is_over(raw: str | None) -> None:
    waiting = order(standing=S.NEEDS_APPROVAL)
    assert judge(waiting, reading(after=3 * DAY, approval=raw)).standing is None
    assert judge(waiting, reading(after=3 * DAY + HOUR, approval=raw)).standing is S.EXPIRED


# Another device


@pytest.mark.parametrize("standing", [S.ACCEPTED, S.UNKNOWN])
def test_a_record_with_another_serial_confirms_nothing(standing: Standing) -> None:
    done = reading(serial="OTHER00SERIAL", results=(entry("wipe", "done"),), state="wipePending")
    assert judge(order(standing=standing), done).standing is None
    same = reading(serial=" f2lzk0exmpl1 ", results=(entry("wipe", "done"),))
    assert judge(order(standing=standing), same).standing is S.CONFIRMED


# Chromebooks


@pytest.mark.parametrize("act", [A.WIPE, A.WIPE_USERS, A.REBOOT])
@pytest.mark.parametrize(
    ("shown", "standing"),
    [
        (command("PENDING"), None), (command("SENT_TO_CLIENT"), None), (command("ACKED_BY_CLIENT"), None),
        (command("EXPIRED"), S.EXPIRED), (command("CANCELLED"), S.CANCELLED), (command("BRAND_NEW"), None),
        (command("EXECUTED_BY_CLIENT", "FAILURE"), S.FAILED), (command("EXECUTED_BY_CLIENT", "IGNORED"), S.FAILED),
        (command("EXECUTED_BY_CLIENT", "BRAND_NEW"), None), (command("EXECUTED_BY_CLIENT", ""), None),
    ],
)  # fmt: skip
def test_a_chromebooks_command_decides_by_its_state_and_result(
    act: RemoteAct, shown: Result, standing: Standing | None
) -> None:
    verdict = judge(order(act, Mode.CHROMEOS), reading(after=30 * DAY, command=shown, last_seen=SENT))
    assert (verdict.standing, verdict.seen_pending) == (standing, True)


SUCCESS = command("EXECUTED_BY_CLIENT", "SUCCESS")


def test_early_success_of_a_chromebooks_wipe_is_a_receipt_and_no_confirmation() -> None:
    for act in (A.WIPE, A.WIPE_USERS):
        verdict = judge(order(act, Mode.CHROMEOS), reading(after=2 * HOUR, command=SUCCESS, last_seen=SENT + HOUR))
        assert verdict.standing is None
        assert verdict.said.startswith("Received; the device")
    assert judge(order(A.REBOOT, Mode.CHROMEOS), reading(command=SUCCESS)).standing is S.CONFIRMED


def test_a_wiped_chromebook_is_confirmed_by_its_new_enrolment() -> None:
    wipe = order(A.WIPE, Mode.CHROMEOS)
    anew = reading(after=DAY, command=SUCCESS, enrolled_at=SENT + 2 * HOUR, last_seen=SENT + 3 * HOUR)
    before = msgspec.structs.replace(anew, enrolled_at=SENT + HOUR - timedelta(minutes=1))
    assert judge(wipe, anew).standing is S.CONFIRMED
    assert judge(wipe, before).standing is None


def test_a_wiped_chromebook_is_confirmed_by_a_weeks_silence_and_it_is_said_that_nobody_looked() -> None:
    wipe = order(A.WIPE, Mode.CHROMEOS)
    silent = reading(after=HOUR + 7 * DAY, command=SUCCESS, last_seen=SENT + HOUR)
    assert judge(wipe, silent).standing is S.CONFIRMED
    assert "Nobody has looked at it" in judge(wipe, silent).said
    assert judge(wipe, msgspec.structs.replace(silent, at=SENT + 7 * DAY)).standing is None
    assert judge(wipe, msgspec.structs.replace(silent, last_seen=None)).standing is None


def test_a_chromebook_in_contact_after_its_receipt_is_not_called_wiped() -> None:
    heard = reading(after=30 * DAY, command=SUCCESS, last_seen=SENT + 2 * HOUR)
    verdict = judge(order(A.WIPE, Mode.CHROMEOS), heard)
    assert verdict.standing is None
    assert "may not be wiped" in verdict.said


def test_removed_profiles_are_not_taken_as_proven_by_silence() -> None:
    silent = reading(after=60 * DAY, command=SUCCESS, last_seen=SENT + HOUR)
    assert judge(order(A.WIPE_USERS, Mode.CHROMEOS), silent).standing is None


def test_a_command_without_a_number_can_be_found_by_nobody() -> None:
    for standing in (S.ACCEPTED, S.UNKNOWN):
        wipe = order(A.WIPE, Mode.CHROMEOS, standing)
        assert judge(wipe, reading(enrolled_at=SENT + HOUR, last_seen=SENT + HOUR)).standing is None


@pytest.mark.parametrize(("act", "state"), [(A.DISABLE, "DISABLED"), (A.ENABLE, "ACTIVE")])
def test_a_status_counts_once_the_device_has_been_in_contact(act: RemoteAct, state: str) -> None:
    changed = order(act, Mode.CHROMEOS)
    assert judge(changed, reading(state=state, last_seen=SENT - HOUR)).standing is None
    assert judge(changed, reading(state=state)).standing is None
    assert judge(changed, reading(state=state, last_seen=SENT + HOUR)).standing is S.CONFIRMED
    for other in {"ACTIVE", "DISABLED", "DELINQUENT", "PRE_PROVISIONED", "INACTIVE", "UNKNOWN", "BRAND_NEW", None} - {
        state
    }:
        assert judge(changed, reading(state=other, last_seen=SENT + HOUR)).standing is None


def test_a_status_shown_by_the_console_proves_that_an_unclear_order_arrived() -> None:
    verdict = judge(order(A.DISABLE, Mode.CHROMEOS, S.UNKNOWN), reading(state="DISABLED", last_seen=SENT - HOUR))
    assert verdict.standing is S.ACCEPTED


def test_deprovisioned_is_the_consoles_word_and_says_nothing_of_what_is_on_the_device() -> None:
    verdict = judge(order(A.DEPROVISION, Mode.CHROMEOS), reading(state="DEPROVISIONED", last_seen=SENT - DAY))
    assert verdict.standing is S.CONFIRMED
    assert "not wiped" in verdict.said


def test_a_chromebook_that_left_its_console_is_for_a_person() -> None:
    for act in OFFERS[Mode.CHROMEOS].may:
        assert judge(order(act, Mode.CHROMEOS, seen_pending=True), gone(command=SUCCESS)).standing is None


# Google's phones


@pytest.mark.parametrize(
    ("act", "state", "standing"),
    [
        (A.WIPE, "WIPED", S.CONFIRMED), (A.WIPE, "WIPING", None), (A.WIPE, "APPROVED", None), (A.WIPE, "UNPROVISIONED", None),
        (A.WIPE, "ACCOUNT_WIPED", None), (A.WIPE, "BRAND_NEW", None), (A.WIPE, None, None),
        (A.WIPE_ACCOUNT, "ACCOUNT_WIPED", S.CONFIRMED), (A.WIPE_ACCOUNT, "Account Wiped", S.CONFIRMED),
        (A.WIPE_ACCOUNT, "ACCOUNT_WIPING", None), (A.BLOCK, "BLOCKED", S.CONFIRMED), (A.BLOCK, "APPROVED", None),
        (A.UNBLOCK, "APPROVED", S.CONFIRMED), (A.UNBLOCK, "BLOCKED", None),
    ],
)  # fmt: skip
def test_a_google_phone_decides_by_its_state(act: RemoteAct, state: str | None, standing: Standing | None) -> None:
    assert judge(order(act, Mode.GOOGLE_COMPANY), reading(state=state)).standing is standing


def test_a_google_phone_that_left_its_console_is_for_a_person() -> None:
    assert judge(order(A.WIPE, Mode.GOOGLE_COMPANY, seen_pending=True), gone()).standing is None


# All together


def every_reading() -> Iterator[Reading]:
    states = ("managed", "wipePending", "wipeFailed", "WIPED", "DISABLED", "DEPROVISIONED", "brandNew", None)
    for state in states:
        for there in (True, False):
            for raw in ("pending", "done", "failed", "brandNew"):
                results = tuple(entry(name, raw) for name in ("wipe", "retire", "remoteLock", "delete"))
                yield reading(30 * DAY, is_there=there, state=state, results=results if there else (), approval=raw)
                yield reading(
                    30 * DAY, is_there=there, state=state, audits=results, command=SUCCESS, last_seen=SENT + HOUR
                )
            yield reading(is_there=there, state=state, command=command("EXPIRED"), enrolled_at=SENT + HOUR)


@pytest.mark.parametrize("standing", sorted(Standing))
def test_no_reading_makes_a_move_that_is_not_a_readers(standing: Standing) -> None:
    for mode in Mode:
        for act in RemoteAct:
            for shown in every_reading():
                verdict = judge(order(act, mode, standing), shown)
                assert standing in FOLLOWED or verdict.standing is None
                assert verdict.standing is None or MOVES.get((standing, verdict.standing)) is Mover.READER


def test_what_was_once_seen_under_way_stays_seen() -> None:
    for mode in (INTUNE, Mode.CHROMEOS, Mode.GOOGLE_COMPANY):
        for act in RemoteAct:
            for shown in every_reading():
                assert judge(order(act, mode, seen_pending=True), shown).seen_pending


def test_nothing_that_cannot_be_taken_back_is_confirmed_by_a_reading_that_says_nothing() -> None:
    for mode in Mode:
        for act in DESTRUCTIVE:
            for standing in (S.ACCEPTED, S.UNKNOWN):
                assert judge(order(act, mode, standing), reading(365 * DAY, serial=None)).standing is None
                assert judge(order(act, mode, standing), gone(after=365 * DAY)).standing is None
