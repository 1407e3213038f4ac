"""What an order takes besides, by the way a device is enrolled, as data. Sources: contracts/intune.md 6, contracts/google.md 4."""

from typing import Final

import msgspec

from devreg.domain.platforms import Mode, RemoteAct

_A: Final = RemoteAct
_WITH_ESIM: Final = (
    Mode.IOS_SUPERVISED, Mode.IOS, Mode.ANDROID_FULL, Mode.ANDROID_DEDICATED, Mode.ANDROID_CORPORATE_PROFILE,
)  # fmt: skip
_WITH_LOST_MODE: Final = (Mode.IOS_SUPERVISED, Mode.CHROME_CONNECTED)
FLAG: Final = ("false", "true")
_WHY_DEPROVISIONED: Final = (
    "RETIRING_DEVICE", "SAME_MODEL_REPLACEMENT", "DIFFERENT_MODEL_REPLACEMENT", "UPGRADE_TRANSFER",
)  # fmt: skip


class OrderOption(msgspec.Struct, frozen=True):
    """One thing that can be said along with an order."""

    name: str
    label: str
    """English msgid."""
    act: RemoteAct
    modes: tuple[Mode, ...]
    choices: tuple[str, ...] = ()
    """The values there are, the one that holds when nothing is said first; empty: any text."""
    trap: str = ""
    """What it does otherwise than people think, as an English msgid."""
    is_needed: bool = False


OPTIONS: Final = (
    OrderOption("keep_esim", "Keep the eSIM", _A.WIPE, _WITH_ESIM, FLAG,
                "With the eSIM kept, its subscription works on in the finder's hands: not for a lost phone."),
    OrderOption("keep_user_data", "Keep users' files", _A.WIPE, (Mode.WINDOWS,), FLAG,
                "With users' files or its enrolment kept it is no sanitisation."),
    OrderOption("keep_enrolment", "Keep its enrolment", _A.WIPE, (Mode.WINDOWS,), FLAG),
    OrderOption("protected", "Protected wipe", _A.WIPE, (Mode.WINDOWS,), FLAG,
                "A protected wipe goes on after a power cut, and can leave the computer unable to start. It keeps nothing."),
    OrderOption("obliteration", "If contents alone won't go", _A.WIPE, (Mode.MACOS,),
                ("default", "doNotObliterate", "obliterateWithWarning", "always"),
                "A Mac that is obliterated loses its system too: somebody has to install it anew."),
    OrderOption("message", "Message on its screen", _A.LOST_MODE, _WITH_LOST_MODE),
    OrderOption("phone", "Phone number on its screen", _A.LOST_MODE, _WITH_LOST_MODE),
    OrderOption("footer", "Footnote on its screen", _A.LOST_MODE, _WITH_LOST_MODE),
    OrderOption("minutes", "Minutes of sound", _A.PLAY_SOUND, tuple(Mode), ("5", "1", "2", "10", "15", "30")),
    OrderOption("reason", "Why it leaves (Google)", _A.DEPROVISION, (Mode.CHROMEOS,), _WHY_DEPROVISIONED,
                "Google frees the licence or not by why it leaves.", is_needed=True),
)  # fmt: skip


def options_of(act: RemoteAct, mode: Mode) -> tuple[OrderOption, ...]:
    """What can be said along with this order to such a device."""
    return tuple(option for option in OPTIONS if option.act is act and mode in option.modes)
