"""What people should know before they order something from afar, and why an order is not offered, as data.

Sources: contracts/intune.md 6 and 8, contracts/google.md 4, safety.md 1.2. Shown in the dialog, before anything is confirmed.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from devreg.domain.platforms import DELETE_WIPES, DESTRUCTIVE, OFFERS, Mode, RemoteAct

_A: Final = RemoteAct
_IOS: Final = (Mode.IOS_SUPERVISED, Mode.IOS)
_APPLE: Final = (*_IOS, Mode.MACOS)
_CITYS_ANDROID: Final = (Mode.ANDROID_FULL, Mode.ANDROID_DEDICATED, Mode.ANDROID_CORPORATE_PROFILE)
_ANDROID: Final = (*_CITYS_ANDROID, Mode.ANDROID_AOSP)
_PRIVATE: Final = (Mode.ANDROID_WORK_PROFILE, Mode.IOS_USER, Mode.GOOGLE_PRIVATE)
_CHROME: Final = (Mode.CHROMEOS, Mode.CHROME_CONNECTED)
_GOOGLE: Final = (Mode.CHROMEOS, Mode.GOOGLE_COMPANY, Mode.GOOGLE_PRIVATE)
_INTUNE: Final = tuple(mode for mode in Mode if mode not in _GOOGLE)
_EVERY: Final = tuple(Mode)


class Trap(msgspec.Struct, frozen=True):
    """Something that an order does, or fails to do, otherwise than people think."""

    said: str
    """A sentence, as an English msgid."""
    acts: tuple[RemoteAct, ...]
    modes: tuple[Mode, ...]
    makers: tuple[str, ...] = ()
    """Only devices of these makers, in lower case; empty: whoever made it."""


class Lack(msgspec.Struct, frozen=True):
    """Why orders are not offered."""

    said: str
    """A sentence, as an English msgid."""
    acts: tuple[RemoteAct, ...]
    modes: tuple[Mode, ...]


TRAPS: Final = (
    Trap("Without a passcode on the device a lock only turns the screen off.", (_A.LOCK,), _INTUNE),
    Trap("A locked Mac asks for the PIN that Intune shows. A second lock before that PIN is used fails.", (_A.LOCK,), (Mode.MACOS,)),
    Trap(
        "An iPhone that is locked and then restarted has no Wi-Fi until somebody unlocks it: over Wi-Fi it can be neither found nor wiped.",
        (_A.LOCK, _A.REBOOT, _A.SHUT_DOWN), _IOS,
    ),
    Trap("It fails unless a policy demands a passcode.", (_A.RESET_PASSCODE,), _INTUNE),
    Trap("If the passcode can't be removed, only a wipe is left.", (_A.RESET_PASSCODE,), _IOS),
    Trap(
        "Only the passcode of the work side is reset, not that of the phone.", (_A.RESET_PASSCODE,),
        (Mode.ANDROID_FULL, Mode.ANDROID_CORPORATE_PROFILE, Mode.ANDROID_WORK_PROFILE),
    ),
    Trap("It is found and heard only while it is in lost mode.", (_A.LOCATE, _A.PLAY_SOUND), (Mode.IOS_SUPERVISED,)),
    Trap(
        "It is found only where a policy allows it and location is on; on a phone with a private side its user must agree too.",
        (_A.LOCATE,), (*_CITYS_ANDROID, Mode.WINDOWS),
    ),
    Trap("Carried out when the device is next in contact: one that stays off keeps its data.", tuple(sorted(DESTRUCTIVE)), _EVERY),
    Trap("Everything else that waits for the device is dropped.", (_A.WIPE, _A.RETIRE, _A.DELETE), _INTUNE),
    Trap(
        "Where a policy blocks the factory reset, a Samsung loses contact and is not wiped: take the policy off first.",
        (_A.WIPE, _A.DELETE), _CITYS_ANDROID, ("samsung",),
    ),
    Trap("On a Zebra only the city's data is removed.", (_A.WIPE, _A.DELETE), _ANDROID, ("zebra",)),
    Trap("The eSIM and its subscription are erased too, unless you say to keep them.", (_A.WIPE,), (*_IOS, *_CITYS_ANDROID)),
    Trap("With Activation Lock on, save its bypass code first: after the wipe it is gone.", (_A.WIPE,), _APPLE),
    Trap(
        "It stays in Apple Business Manager, and comes back under management when it is set up again.",
        (_A.WIPE, _A.RETIRE, _A.DELETE), _APPLE,
    ),
    Trap("A Mac without a T2 chip needs a PIN of six digits. Keep it: nothing shows it afterwards.", (_A.WIPE,), (Mode.MACOS,)),
    Trap(
        "It stays in Autopilot, and comes back under management when it is set up again.",
        (_A.WIPE, _A.RETIRE, _A.DELETE), (Mode.WINDOWS,),
    ),
    Trap("With the users' files kept, the computer stays enrolled.", (_A.WIPE,), (Mode.WINDOWS,)),
    Trap(
        "BitLocker is suspended and sign-in with Entra ends: save the recovery key and a local administrator first.",
        (_A.RETIRE, _A.DELETE), (Mode.WINDOWS,),
    ),
    Trap("Taking it out of Intune wipes it.", (_A.DELETE,), tuple(sorted(DELETE_WIPES))),
    Trap("Taking it out of Intune takes the city's data from it.", (_A.DELETE,), (*_APPLE, Mode.IOS_USER, Mode.WINDOWS)),
    Trap("Taking it out of Intune takes the work side from it.", (_A.DELETE,), (Mode.ANDROID_WORK_PROFILE,)),
    Trap("Its record goes at once, so nothing shows afterwards whether the device did it.", (_A.DELETE,), _INTUNE),
    Trap("Its record in Entra may stay: remove it there.", (_A.WIPE, _A.RETIRE, _A.DELETE), _INTUNE),
    Trap("Its enrolment goes too, and comes back only where forced re-enrolment is on, which Google does not tell.", (_A.WIPE,), _CHROME),
    Trap("Its Wi-Fi settings go too: it comes back only in an open or a known network.", (_A.WIPE,), _CHROME),
    Trap("The device reports success before it begins: that is a receipt.", (_A.WIPE, _A.WIPE_USERS), (Mode.CHROMEOS,)),
    Trap("What users had on the device alone is lost. Its enrolment stays.", (_A.WIPE_USERS,), (Mode.CHROMEOS,)),
    Trap(
        "It takes effect at the device's next contact, and may not hold unless forced re-enrolment is on.",
        (_A.DISABLE,), (Mode.CHROMEOS,),
    ),
    Trap("It takes a licence, and fails when none is free.", (_A.ENABLE,), (Mode.CHROMEOS,)),
    Trap("Never deprovision a lost device: it frees it for its finder.", (_A.DEPROVISION,), _CHROME),
    Trap(
        "What is on the device is not wiped. To come back it must be wiped and enrolled by hand, and its licence may be lost.",
        (_A.DEPROVISION,), _CHROME,
    ),
    Trap("Before ChromeOS 113 only kiosks and shared devices restart.", (_A.REBOOT,), (Mode.CHROMEOS,)),
    Trap("Only the work account goes; everything else on the phone stays.", (_A.WIPE_ACCOUNT,), (Mode.GOOGLE_COMPANY, Mode.GOOGLE_PRIVATE)),
    Trap("Google says only that it began and that it is over, not what the phone did.", (_A.WIPE,), (Mode.GOOGLE_COMPANY,)),
)  # fmt: skip

LACKS: Final = (
    Lack(
        "Intune does not tell how it is enrolled, so only what suits every way of enrolment is offered.",
        tuple(act for act in RemoteAct if act is not _A.SYNC), (Mode.ANDROID,),
    ),
    Lack("Microsoft's own pages disagree on whether it works here, so it is not offered.", (_A.LOCK,), (Mode.IOS_USER,)),
    Lack("Microsoft's own pages disagree on whether it works here, so it is not offered.", (_A.SHUT_DOWN,), (Mode.MACOS,)),
    Lack("It is somebody's own device: only the city's part can be taken from it.", (_A.WIPE,), _PRIVATE),
    Lack(
        "It is somebody's own device, which the city does not lock, find, restart or switch off.",
        (_A.LOCK, _A.LOCATE, _A.REBOOT, _A.SHUT_DOWN, _A.PLAY_SOUND, _A.LOST_MODE, _A.LOST_MODE_OFF), _PRIVATE,
    ),
    Lack("Intune does not retire the city's own Android devices: it can only wipe them.", (_A.RETIRE,), _ANDROID),
    Lack("Intune can't lock a Windows computer.", (_A.LOCK,), (Mode.WINDOWS,)),
    Lack("A Chromebook is not locked: disable it in Google's console.", (_A.LOCK,), _CHROME),
    Lack("A Chromebook is not retired: deprovision it.", (_A.RETIRE, _A.DELETE), _CHROME),
    Lack(
        "Only Google's own console takes it: act through that source.",
        (_A.DISABLE, _A.ENABLE, _A.WIPE_USERS), (Mode.CHROME_CONNECTED,),
    ),
    Lack("Only for Chromebooks.", (_A.DISABLE, _A.ENABLE, _A.WIPE_USERS, _A.DEPROVISION), _EVERY),
    Lack("Only for phones in a Google console.", (_A.WIPE_ACCOUNT, _A.BLOCK, _A.UNBLOCK), _EVERY),
    Lack("Only for iPhones and iPads that are supervised.", (_A.LOST_MODE, _A.LOST_MODE_OFF, _A.SHUT_DOWN), _EVERY),
    Lack("Only for iPhones and iPads that are supervised, in lost mode.", (_A.LOCATE, _A.PLAY_SOUND), (Mode.IOS,)),
    Lack("Only for phones and tablets of the city.", (_A.PLAY_SOUND,), _EVERY),
    Lack("The management system can't find such a device.", (_A.LOCATE,), _EVERY),
    Lack("The management system can't restart such a device.", (_A.REBOOT,), _EVERY),
    Lack("The management system can't reset the passcode of such a device.", (_A.RESET_PASSCODE,), _EVERY),
    Lack(
        "Google does not lock, retire or delete phones from here: block or wipe it.", (_A.LOCK, _A.RETIRE, _A.DELETE),
        (Mode.GOOGLE_COMPANY, Mode.GOOGLE_PRIVATE),
    ),
    Lack("It tells of itself when it is next in contact; nothing can be asked of it.", (_A.SYNC,), (*_GOOGLE, Mode.CHROME_CONNECTED)),
)  # fmt: skip
"""The first that fits counts."""


def traps(act: RemoteAct, mode: Mode, maker: str | None = None) -> tuple[str, ...]:
    """What to know before this order, as English msgids. `maker` as the register has it."""
    return tuple(_fitting(act, mode, (maker or "").casefold()))


def _fitting(act: RemoteAct, mode: Mode, maker: str) -> Iterable[str]:
    for trap in TRAPS:
        by_maker = not trap.makers or any(name in maker for name in trap.makers)
        if act in trap.acts and mode in trap.modes and by_maker:
            yield trap.said


def why_not(act: RemoteAct, mode: Mode) -> str | None:
    """Why the order is not offered in this mode; None: it is."""
    if OFFERS[mode].allows(act) is True:
        return None
    return next(lack.said for lack in LACKS if act in lack.acts and mode in lack.modes)
