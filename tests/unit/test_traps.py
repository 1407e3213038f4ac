import pytest

from devreg.domain.platforms import DELETE_WIPES, DESTRUCTIVE, OFFERS, Mode, RemoteAct
from devreg.domain.traps import LACKS, TRAPS, traps, why_not
from devreg.i18n import Catalogue

A = RemoteAct
PAIRS = [(act, mode) for act in RemoteAct for mode in Mode]


def offered(act: RemoteAct, mode: Mode) -> bool:
    return OFFERS[mode].allows(act) is True


def has(act: RemoteAct, mode: Mode, words: str, maker: str | None = None) -> bool:
    return any(words in said for said in traps(act, mode, maker))


@pytest.mark.parametrize(("act", "mode"), PAIRS)
def test_an_order_is_offered_or_it_is_said_why_not(act: RemoteAct, mode: Mode) -> None:
    assert (why_not(act, mode) is None) == offered(act, mode)


@pytest.mark.parametrize(("act", "mode"), [pair for pair in PAIRS if pair[0] in DESTRUCTIVE and offered(*pair)])
def test_nothing_that_cannot_be_taken_back_goes_without_a_word_of_warning(act: RemoteAct, mode: Mode) -> None:
    assert has(act, mode, "one that stays off keeps its data")
    assert len(traps(act, mode)) >= 2


def test_every_sentence_is_said_of_something_that_can_happen() -> None:
    for trap in TRAPS:
        assert any(offered(act, mode) for act in trap.acts for mode in trap.modes), trap.said
    told = {why_not(act, mode) for act, mode in PAIRS}
    assert {lack.said for lack in LACKS} <= told


def test_taking_a_device_out_says_whether_that_wipes_it() -> None:
    for mode in Mode:
        if not offered(A.DELETE, mode):
            continue
        wipes = has(A.DELETE, mode, "wipes it")
        takes = has(A.DELETE, mode, "takes the city's data from it") or has(A.DELETE, mode, "takes the work side")
        assert (wipes, takes) == (mode in DELETE_WIPES, mode not in DELETE_WIPES), mode


@pytest.mark.parametrize(
    ("act", "mode", "words"),
    [
        (A.LOCK, Mode.ANDROID_FULL, "only turns the screen off"), (A.LOCK, Mode.IOS, "has no Wi-Fi"),
        (A.LOCK, Mode.MACOS, "second lock"), (A.REBOOT, Mode.IOS_SUPERVISED, "has no Wi-Fi"),
        (A.SHUT_DOWN, Mode.IOS_SUPERVISED, "has no Wi-Fi"), (A.WIPE, Mode.IOS, "eSIM"), (A.WIPE, Mode.MACOS, "Activation Lock"),
        (A.WIPE, Mode.MACOS, "PIN of six digits"), (A.WIPE, Mode.WINDOWS, "Autopilot"), (A.RETIRE, Mode.WINDOWS, "BitLocker"),
        (A.DELETE, Mode.WINDOWS, "BitLocker"), (A.WIPE, Mode.CHROMEOS, "Wi-Fi settings"), (A.WIPE, Mode.CHROMEOS, "enrolment"),
        (A.DEPROVISION, Mode.CHROMEOS, "Never deprovision a lost device"), (A.DISABLE, Mode.CHROMEOS, "next contact"),
        (A.ENABLE, Mode.CHROMEOS, "licence"), (A.RESET_PASSCODE, Mode.IOS, "only a wipe is left"),
    ],
)  # fmt: skip
def test_the_trap_of_an_order_is_shown(act: RemoteAct, mode: Mode, words: str) -> None:
    assert has(act, mode, words)


@pytest.mark.parametrize(
    ("maker", "words"),
    [
        ("samsung", "a Samsung loses contact"),
        ("Samsung Electronics", "a Samsung"),
        ("Zebra Technologies", "On a Zebra"),
    ],
)
def test_a_makers_trap_is_shown_for_its_devices_alone(maker: str, words: str) -> None:
    assert has(A.WIPE, Mode.ANDROID_FULL, words, maker)
    assert not has(A.WIPE, Mode.ANDROID_FULL, words, "Google")
    assert not has(A.WIPE, Mode.ANDROID_FULL, words, None)


@pytest.mark.parametrize(
    ("act", "mode", "words"),
    [
        (A.RETIRE, Mode.ANDROID_FULL, "only wipe"), (A.WIPE, Mode.ANDROID_WORK_PROFILE, "somebody's own"),
        (A.WIPE, Mode.GOOGLE_PRIVATE, "somebody's own"), (A.LOCK, Mode.WINDOWS, "Windows"), (A.LOCK, Mode.CHROMEOS, "disable"),
        (A.WIPE, Mode.ANDROID, "does not tell how"), (A.SHUT_DOWN, Mode.MACOS, "disagree"), (A.LOST_MODE, Mode.IOS, "supervised"),
        (A.LOCK, Mode.ANDROID_WORK_PROFILE, "somebody's own"), (A.DISABLE, Mode.IOS, "Chromebooks"),
    ],
)  # fmt: skip
def test_it_is_said_why_an_order_is_not_offered(act: RemoteAct, mode: Mode, words: str) -> None:
    assert words in (why_not(act, mode) or "")


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_sentence_is_said_in_the_readers_language(language: str) -> None:
    t = Catalogue(language)
    for said in {*(trap.said for trap in TRAPS), *(lack.said for lack in LACKS)}:
        assert t.said(said) != said
