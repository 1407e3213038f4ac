"""Options of orders: only those that a platform knows, and none that contradict each other."""

import pytest

from devreg.domain.order_options import OPTIONS, options_of
from devreg.domain.platforms import OFFERS, Mode, RemoteAct
from devreg.domain.sanitisation import sanitises
from devreg.errors import Misconfigured
from devreg.services.order_options import demand

A, M = RemoteAct, Mode


@pytest.mark.parametrize(
    ("act", "mode", "said"),
    [
        (A.WIPE, M.WINDOWS, {"protected": "true"}),
        (A.WIPE, M.WINDOWS, {"keep_user_data": "true", "keep_enrolment": "true"}),
        (A.WIPE, M.MACOS, {"obliteration": "always"}),
        (A.WIPE, M.ANDROID_FULL, {"keep_esim": "false"}),
        (A.LOST_MODE, M.IOS_SUPERVISED, {"phone": "09 505 61", "footer": "Kaupunki"}),
        (A.DEPROVISION, M.CHROMEOS, {"reason": "RETIRING_DEVICE"}),
        (A.LOCK, M.IOS, {}),
    ],
)
def test_what_a_platform_knows_is_taken(act: RemoteAct, mode: Mode, said: dict[str, str]) -> None:
    demand(act, mode, said)


@pytest.mark.parametrize(
    ("act", "mode", "said", "why"),
    [
        (A.WIPE, M.IOS, {"keep_user_data": "true"}, "no option"),
        (A.LOCK, M.IOS, {"message": "x"}, "no option"),
        (A.WIPE, M.WINDOWS, {"protected": "yes"}, "can't be"),
        (A.WIPE, M.WINDOWS, {"protected": "true", "keep_user_data": "true"}, "keeps neither"),
        (A.WIPE, M.WINDOWS, {"protected": "true", "keep_enrolment": "true"}, "keeps neither"),
        (A.LOST_MODE, M.IOS_SUPERVISED, {"footer": "x"}, "something to show"),
        (A.LOST_MODE, M.IOS_SUPERVISED, {"message": "x" * 501}, "too long"),
        (A.DEPROVISION, M.CHROMEOS, {}, "needs to be told reason"),
    ],
)
def test_what_it_does_not_know_or_contradicts_itself_is_refused(
    act: RemoteAct, mode: Mode, said: dict[str, str], why: str
) -> None:
    with pytest.raises(Misconfigured, match=why):
        demand(act, mode, said)


def test_options_stand_only_beside_orders_that_are_offered_at_all() -> None:
    for option in OPTIONS:
        assert any(OFFERS[mode].allows(option.act) for mode in option.modes), option.name
    assert options_of(A.WIPE, M.CHROMEOS) == ()


def test_a_wipe_that_keeps_something_is_no_sanitisation() -> None:
    assert sanitises(A.WIPE, {"protected": "true"})
    assert not sanitises(A.WIPE, {"keep_user_data": "true"})
    assert not sanitises(A.WIPE, {"keep_enrolment": "true"})
