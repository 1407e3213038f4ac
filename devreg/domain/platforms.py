"""What may be done from afar to which kind of managed device: the platform table, as data.

Sources: contracts/intune.md section 6, contracts/google.md sections 4 and 6. A service answers an order that does not fit with a
bare "bad request", or takes it and does nothing: so what is offered is decided here, before anything is asked of it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain.device import Kind, Ownership
from devreg.domain.observation import Observation


class RemoteAct(StrEnum):
    """An order to a device, by the name its service has for it."""

    LOCK = "lock"
    WIPE = "wipe"
    RETIRE = "retire"
    """Ends management and takes the city's data; what is somebody's own stays."""
    RESET_PASSCODE = "reset_passcode"
    LOST_MODE = "lost_mode"
    LOST_MODE_OFF = "lost_mode_off"
    PLAY_SOUND = "play_sound"
    LOCATE = "locate"
    REBOOT = "reboot"
    SHUT_DOWN = "shut_down"
    SYNC = "sync"
    DISABLE = "disable"
    """A Chromebook that nobody can sign in to."""
    ENABLE = "enable"
    """Takes `DISABLE` back."""
    WIPE_USERS = "wipe_users"
    DEPROVISION = "deprovision"
    WIPE_ACCOUNT = "wipe_account"
    """The work account's data on a private phone."""
    BLOCK = "block"
    """No work data for the device any more."""
    UNBLOCK = "unblock"
    DELETE = "delete"
    """Taken out of the tool. The tool retires the device by it, or wipes it: see `DELETE_WIPES`."""


class Mode(StrEnum):
    """How a tool holds a device; it decides which orders there are."""

    IOS_SUPERVISED = "ios_supervised"
    IOS = "ios"
    IOS_USER = "ios_user"
    """Enrolled by its user into a part of its own: the phone itself stays private."""
    ANDROID_FULL = "android_full"
    """COBO: the city's alone."""
    ANDROID_DEDICATED = "android_dedicated"
    """COSU: a kiosk, or shared."""
    ANDROID_CORPORATE_PROFILE = "android_corporate_profile"
    """COPE: the city's, with a private side."""
    ANDROID_WORK_PROFILE = "android_work_profile"
    """BYOD: somebody's own, with a work side."""
    ANDROID_AOSP = "android_aosp"
    ANDROID = "android"
    """Android of which the tool does not say how it is enrolled."""
    WINDOWS = "windows"
    MACOS = "macos"
    CHROME_CONNECTED = "chrome_connected"
    """A Chromebook of one Google customer, seen and acted on through Intune's connector."""
    CHROMEOS = "chromeos"
    GOOGLE_COMPANY = "google_company"
    GOOGLE_PRIVATE = "google_private"


class Offer(msgspec.Struct, frozen=True):
    """What a mode allows, and what its pages disagree on or do not say."""

    may: frozenset[RemoteAct]
    unsure: frozenset[RemoteAct] = frozenset()

    def allows(self, deed: RemoteAct) -> bool | None:
        """None where nobody can know before trying; then it is not offered."""
        if deed in self.may:
            return True
        return None if deed in self.unsure else False


def _offer(*may: RemoteAct, unsure: tuple[RemoteAct, ...] = ()) -> Offer:
    return Offer(frozenset(may), frozenset(unsure))


_A = RemoteAct
OFFERS: Final[Mapping[Mode, Offer]] = {
    Mode.IOS_SUPERVISED: _offer(
        _A.LOCK, _A.WIPE, _A.RETIRE, _A.RESET_PASSCODE, _A.LOST_MODE, _A.PLAY_SOUND, _A.LOCATE, _A.REBOOT, _A.SHUT_DOWN, _A.SYNC,
        _A.LOST_MODE_OFF, _A.DELETE,
    ),
    Mode.IOS: _offer(_A.LOCK, _A.WIPE, _A.RETIRE, _A.RESET_PASSCODE, _A.SYNC, _A.DELETE),
    Mode.IOS_USER: _offer(_A.RETIRE, _A.SYNC, _A.DELETE, unsure=(_A.LOCK,)),
    Mode.ANDROID_FULL: _offer(_A.LOCK, _A.WIPE, _A.RESET_PASSCODE, _A.PLAY_SOUND, _A.LOCATE, _A.REBOOT, _A.SYNC, _A.DELETE),
    Mode.ANDROID_DEDICATED: _offer(_A.LOCK, _A.WIPE, _A.RESET_PASSCODE, _A.PLAY_SOUND, _A.LOCATE, _A.REBOOT, _A.SYNC, _A.DELETE),
    Mode.ANDROID_CORPORATE_PROFILE: _offer(_A.LOCK, _A.WIPE, _A.RESET_PASSCODE, _A.PLAY_SOUND, _A.LOCATE, _A.SYNC, _A.DELETE),
    Mode.ANDROID_WORK_PROFILE: _offer(_A.RETIRE, _A.RESET_PASSCODE, _A.SYNC, _A.DELETE),
    Mode.ANDROID_AOSP: _offer(_A.LOCK, _A.WIPE, _A.RESET_PASSCODE, _A.REBOOT, _A.SYNC, _A.DELETE),
    Mode.ANDROID: _offer(_A.SYNC, unsure=(_A.LOCK, _A.WIPE, _A.RETIRE, _A.RESET_PASSCODE, _A.DELETE)),
    Mode.WINDOWS: _offer(_A.WIPE, _A.RETIRE, _A.LOCATE, _A.REBOOT, _A.SYNC, _A.DELETE),
    Mode.MACOS: _offer(_A.LOCK, _A.WIPE, _A.RETIRE, _A.REBOOT, _A.SYNC, _A.DELETE, unsure=(_A.SHUT_DOWN,)),
    Mode.CHROME_CONNECTED: _offer(_A.WIPE, _A.LOST_MODE, _A.REBOOT, _A.DEPROVISION),
    Mode.CHROMEOS: _offer(_A.DISABLE, _A.ENABLE, _A.WIPE, _A.WIPE_USERS, _A.DEPROVISION, _A.REBOOT),
    Mode.GOOGLE_COMPANY: _offer(_A.WIPE, _A.WIPE_ACCOUNT, _A.BLOCK, _A.UNBLOCK),
    Mode.GOOGLE_PRIVATE: _offer(_A.WIPE_ACCOUNT, _A.BLOCK, _A.UNBLOCK),
}  # fmt: skip
"""What is offered in each mode. Google takes an order to wipe a private phone whole; the city has no business to, so it is left out."""

DELETE_WIPES: Final = frozenset(
    {Mode.ANDROID_FULL, Mode.ANDROID_DEDICATED, Mode.ANDROID_CORPORATE_PROFILE, Mode.ANDROID_AOSP, Mode.ANDROID}
)
"""Modes in which taking a device out of Intune empties it; the last because it may be any of the others."""

DESTRUCTIVE: Final = frozenset(
    {
        RemoteAct.WIPE,
        RemoteAct.RETIRE,
        RemoteAct.DELETE,
        RemoteAct.DEPROVISION,
        RemoteAct.WIPE_USERS,
        RemoteAct.WIPE_ACCOUNT,
    }
)
"""Orders that can't be taken back: all go the one guarded way (safety.md 1)."""

LOCKS: Final = (RemoteAct.LOCK, RemoteAct.DISABLE, RemoteAct.LOST_MODE)
"""Orders after which a finder can't use the device; any of them makes it lockable."""

_ENROLMENTS: Final = {
    "androidEnterpriseFullyManaged": Mode.ANDROID_FULL,
    "androidEnterpriseDedicatedDevice": Mode.ANDROID_DEDICATED,
    "androidEnterpriseCorporateWorkProfile": Mode.ANDROID_CORPORATE_PROFILE,
    "androidAOSPUserOwnedDeviceEnrollment": Mode.ANDROID_AOSP,
    "androidAOSPUserlessDeviceEnrollment": Mode.ANDROID_AOSP,
}
_OF_USERS: Final = frozenset(
    {"userEnrollment", "appleUserEnrollment", "appleUserEnrollmentWithServiceAccount", "appleAccountDrivenUserEnrollment"}
)  # fmt: skip


def is_lockable(mode: Mode) -> bool | None:
    """Whether any order locks it; None: not known."""
    said = [OFFERS[mode].allows(deed) for deed in LOCKS]
    return True if True in said else None if None in said else False


def is_wipeable(mode: Mode) -> bool | None:
    """Whether it can be wiped whole; None: not known."""
    return OFFERS[mode].allows(RemoteAct.WIPE)


def mode_of(kind: str, seen: Observation) -> Mode | None:
    """How a source of this kind (intune, google) could act on the device that it saw; None when it could not at all."""
    match kind:
        case "intune" if seen.live and seen.claims.get("os") == "ChromeOS":
            return Mode.CHROME_CONNECTED
        case "intune" if seen.live and seen.manages:
            return _of_intune(seen)
        case "google" if seen.live and seen.manages:
            return _of_google(seen)
        case _:
            return None


def _of_intune(seen: Observation) -> Mode | None:
    system, enrolment = str(seen.claims.get("os") or ""), str(seen.claims.get("enrolment") or "")
    match system.casefold():
        case "ios" | "ipados":
            if enrolment in _OF_USERS:
                return Mode.IOS_USER
            return Mode.IOS_SUPERVISED if seen.claims.get("supervised") else Mode.IOS
        case name if name.startswith("android"):
            by_user = Mode.ANDROID_WORK_PROFILE if enrolment in _OF_USERS else Mode.ANDROID
            return _ENROLMENTS.get(enrolment, by_user)
        case "windows":
            return Mode.WINDOWS
        case "macos":
            return Mode.MACOS
        case _:
            return None


def _of_google(seen: Observation) -> Mode:
    if seen.claims.get("kind") in (Kind.PHONE, Kind.TABLET):
        private = seen.claims.get("ownership") == Ownership.PERSONAL
        return Mode.GOOGLE_PRIVATE if private else Mode.GOOGLE_COMPANY
    return Mode.CHROMEOS
