"""What is read of a tenant, and the application permission that each reading needs. Source: contracts/intune.md section 2."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from collectors.intune_options import IntuneOptions
from devreg.i18n import N_
from devreg.ports import Finding, Severity

DEVICES: Final = "DeviceManagementManagedDevices.Read.All"
_SERVICE: Final = "DeviceManagementServiceConfig.Read.All"
_APPS: Final = "DeviceManagementApps.Read.All"


class Reading(msgspec.Struct, frozen=True):
    """Something that is read, and what the app must be granted for it."""

    option: str
    """The option that switches it; "": always read."""
    what: str
    """English msgid."""
    right: str
    """The least that is enough."""
    path: str
    """Below Graph's version."""
    sample: str = ""
    """Query of a small answer, for `check`."""
    also: tuple[str, ...] = ()
    """Permissions to read that are enough too."""
    beta: bool = False
    is_needed: bool = False
    """Without it the run is not worth beginning."""

    def granted(self, roles: Sequence[str] | None) -> bool:
        """Whether these permissions are enough; a token that can't be looked into is tried."""
        return roles is None or not {self.right, *self.also}.isdisjoint(roles)


READINGS: Final = (
    Reading("", N_("devices"), DEVICES, "/deviceManagement/managedDevices", "$select=id&$top=1",
            ("DeviceManagementConfiguration.Read.All",), is_needed=True),
    Reading("users", N_("people"), "User.Read.All", "/users", "$select=id,accountEnabled&$top=1", ("Directory.Read.All",), is_needed=True),
    Reading("leave_dates", N_("people's leave dates"), "User-LifeCycleInfo.Read.All", "/users", "$select=id,employeeLeaveDateTime&$top=1"),
    Reading("autopilot", N_("Autopilot identities"), _SERVICE, "/deviceManagement/windowsAutopilotDeviceIdentities"),
    Reading("corporate_identifiers", N_("corporate identifiers"), _SERVICE, "/deviceManagement/importedDeviceIdentities", beta=True),
    Reading("apple_devices", N_("Apple's enrolment records"), _SERVICE, "/deviceManagement/depOnboardingSettings", beta=True),
    Reading("registrations", N_("sign-ins with devices"), "Device.Read.All", "/devices", "$select=id&$top=1", ("Directory.Read.All",)),
    Reading("approvals", N_("second approvals of remote actions"), "DeviceManagementRBAC.Read.All",
            "/deviceManagement/operationApprovalRequests", "$top=1", ("DeviceManagementConfiguration.Read.All",), beta=True),
    Reading("audit_events", N_("Intune's log"), _APPS, "/deviceManagement/auditEvents", "$top=1"),
    Reading("apple_expiry", N_("Apple's tokens"), _APPS, "/deviceAppManagement/vppTokens", also=(_SERVICE,)),
)  # fmt: skip


def wanted(options: IntuneOptions) -> list[Reading]:
    """What the settings ask for."""
    return [reading for reading in READINGS if not reading.option or getattr(options, reading.option)]


def of_option(option: str) -> Reading:
    """The reading that an option switches."""
    return next(reading for reading in READINGS if reading.option == option)


def right_for(path: str) -> str:
    """The permission that a path needs; the device's where none is known."""
    fitting = (reading.right for reading in READINGS if f"{path}/".split("/", 2)[-1].startswith(f"{reading.path}/"[1:]))
    return next(fitting, DEVICES)


def surplus(name: str, readings: Iterable[Reading], roles: Sequence[str]) -> Iterator[Finding]:
    """Advice on permissions that nothing here needs."""
    needed = {role for reading in readings for role in (reading.right, *reading.also)}
    more = sorted({*roles} - needed)
    if more:
        yield Finding(
            Severity.ADVICE,
            f"{name}: the app has more rights than it needs: {', '.join(more)}.",
            "Take them from the app registration.",
        )


def missing(name: str, reading: Reading) -> Finding:
    """That the app may not read something it should."""
    severity = Severity.FAULT if reading.is_needed else Severity.ADVICE
    return Finding(
        severity, f"{name}: {reading.what} can't be read: the app has no {reading.right}.", _how_to_grant(reading)
    )


def _how_to_grant(reading: Reading) -> str:
    """What to do about a missing permission."""
    if not reading.option:
        return N_(f"Grant {reading.right} with admin consent.")
    return N_(f"Grant {reading.right} with admin consent, or set {reading.option} = false.")
