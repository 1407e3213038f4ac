"""How Intune holds a device, and which orders it then takes. Source: intune.md 6."""

from collections.abc import Mapping
from typing import Any, Final

_IOS, _SUPERVISED, _FULL, _DEDICATED, _CORPORATE = "ios", "ios supervised", "cobo", "cosu", "cope"
_PRIVATE, _AOSP, _WINDOWS, _MACOS, _CHROMEOS = "byod", "aosp", "windows", "macos", "chromeos"
_ANDROID: Final = {
    "androidEnterpriseFullyManaged": _FULL,
    "androidEnterpriseDedicatedDevice": _DEDICATED,
    "androidEnterpriseCorporateWorkProfile": _CORPORATE,
    "androidAOSPUserOwnedDeviceEnrollment": _AOSP,
    "androidAOSPUserlessDeviceEnrollment": _AOSP,
}
_SYSTEMS: Final = {"Windows": _WINDOWS, "macOS": _MACOS, "ChromeOS": _CHROMEOS}
_CORPORATE_ANDROID: Final = frozenset((_FULL, _DEDICATED, _CORPORATE, _AOSP))

SUPPORT: Final[Mapping[str, frozenset[str]]] = {
    "remoteLock": frozenset((_SUPERVISED, _IOS, _FULL, _DEDICATED, _CORPORATE, _MACOS, _AOSP)),
    "wipe": frozenset((_SUPERVISED, _IOS, _FULL, _DEDICATED, _CORPORATE, _WINDOWS, _MACOS, _AOSP, _CHROMEOS)),
    "retire": frozenset((_SUPERVISED, _IOS, _PRIVATE, _WINDOWS, _MACOS)),
    "resetPasscode": frozenset((_SUPERVISED, _IOS, _FULL, _DEDICATED, _CORPORATE, _PRIVATE, _AOSP)),
    "enableLostMode": frozenset((_SUPERVISED, _CHROMEOS)),
    "disableLostMode": frozenset((_SUPERVISED, _CHROMEOS)),
    "playLostModeSound": frozenset((_SUPERVISED, _FULL, _DEDICATED, _CORPORATE)),
    "locateDevice": frozenset((_SUPERVISED, _FULL, _DEDICATED, _CORPORATE, _WINDOWS)),
    "rebootNow": frozenset((_SUPERVISED, _FULL, _DEDICATED, _WINDOWS, _MACOS, _AOSP, _CHROMEOS)),
    "shutDown": frozenset((_SUPERVISED,)),
    "syncDevice": frozenset((_SUPERVISED, _IOS, _FULL, _DEDICATED, _CORPORATE, _PRIVATE, _WINDOWS, _MACOS)),
    "bypassActivationLock": frozenset((_SUPERVISED, _MACOS)),
    "logoutSharedAppleDeviceActiveUser": frozenset((_SUPERVISED,)),
    "deleteUserFromSharedAppleDevice": frozenset((_SUPERVISED,)),
    "cleanWindowsDevice": frozenset((_WINDOWS,)),
    "windowsDefenderScan": frozenset((_WINDOWS,)),
    "windowsDefenderUpdateSignatures": frozenset((_WINDOWS,)),
    "setDeviceName": frozenset((_SUPERVISED, _WINDOWS, _MACOS)),
}
BETA_ONLY: Final = frozenset(("enableLostMode", "playLostModeSound", "setDeviceName"))
DESTRUCTIVE: Final = frozenset(("wipe", "retire", "delete", "cleanWindowsDevice"))

_PARAMETERS: Final[Mapping[str, Mapping[str, type]]] = {
    "wipe": {"keepEnrollmentData": bool, "keepUserData": bool, "persistEsimDataPlan": bool, "macOsUnlockCode": str},
    "enableLostMode": {"message": str, "phoneNumber": str, "footer": str},
    "playLostModeSound": {"durationInMinutes": str},
    "cleanWindowsDevice": {"keepUserData": bool},
    "windowsDefenderScan": {"quickScan": bool},
    "deleteUserFromSharedAppleDevice": {"userPrincipalName": str},
    "setDeviceName": {"deviceName": str},
}
_BETA_PARAMETERS: Final[Mapping[str, Mapping[str, type]]] = {
    "wipe": {"useProtectedWipe": bool, "obliterationBehavior": str}
}
_REQUIRED: Final = {
    "cleanWindowsDevice": "keepUserData",
    "windowsDefenderScan": "quickScan",
    "deleteUserFromSharedAppleDevice": "userPrincipalName",
    "setDeviceName": "deviceName",
}


def mode_of(row: Mapping[str, Any]) -> str:
    """The column of the platform table that a managedDevice stands in."""
    system = row["operatingSystem"]
    if system in ("iOS", "iPadOS"):
        return _SUPERVISED if row["isSupervised"] else _IOS
    if system == "Android":
        return _ANDROID.get(row["deviceEnrollmentType"], _PRIVATE)
    return _SYSTEMS.get(system, "unknown")


def delete_means(row: Mapping[str, Any]) -> str:
    """What deleting the record does to the device."""
    return "wipe" if mode_of(row) in _CORPORATE_ANDROID else "retire"


def is_refused(row: Mapping[str, Any], act: str, *, in_lost_mode: bool) -> bool:
    """Whether the service does not take this order for this device."""
    mode = mode_of(row)
    if mode not in SUPPORT[act]:
        return True
    if act in ("locateDevice", "playLostModeSound") and mode == _SUPERVISED:
        return not in_lost_mode
    if act == "bypassActivationLock":
        return not str(row["deviceEnrollmentType"]).startswith("appleBulk")
    return "SharedAppleDevice" in act and row["operatingSystem"] != "iPadOS"


def has_wrong_parameters(row: Mapping[str, Any], act: str, parameters: Mapping[str, Any], *, beta: bool) -> bool:
    """Whether the service refuses the body: an unknown key, a wrong type, a Mac's PIN for what is no Mac or of another length."""
    known = {**_PARAMETERS.get(act, {}), **(_BETA_PARAMETERS.get(act, {}) if beta else {})}
    if any(name not in known or not isinstance(value, known[name]) for name, value in parameters.items()):
        return True
    if act in _REQUIRED and _REQUIRED[act] not in parameters:
        return True
    pin = parameters.get("macOsUnlockCode")
    return pin is not None and (mode_of(row) != _MACOS or len(pin) != 6 or not pin.isdigit())
