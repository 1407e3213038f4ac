"""Until when each Windows gets security updates: a table of its own, since no source tells it of a device.

Where the register holds an end of support for the device, from a source or a person, that one counts; this table answers for the rest.
Builds that long-term editions (LTSC) share with others end as the others do: a person says otherwise of such a device.
"""

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

SOURCE: Final = "Microsoft, Windows release information and lifecycle pages"
CHECKED: Final = date(2026, 11, 25)
"""When the table was last held against what others publish of those pages; older than a year it is not to be trusted."""
PREFIX: Final = "10.0."
"""How system versions begin, of Windows 11 too; the build follows."""
PAID_BUILD: Final = "19045"
"""The Windows 10 for which security updates can be bought beyond its end."""


class Edition(StrEnum):
    """Which of Microsoft's two rows holds."""

    EDUCATION = "education"
    """Education and Enterprise: three years a version."""
    PRO = "pro"
    """Home, Pro and Pro Education: two years a version."""


class Version(msgspec.Struct, frozen=True):
    """A Windows version by the build that management tools tell, and the last day of its updates."""

    build: str
    name: str
    education: date
    pro: date

    def end(self, edition: Edition) -> date:
        """The last day with updates."""
        return self.education if edition is Edition.EDUCATION else self.pro


def _version(build: str, name: str, education: str, pro: str) -> Version:
    return Version(build, name, date.fromisoformat(education), date.fromisoformat(pro))


VERSIONS: Final = (
    _version("17763", "10 1809", "2021-05-11", "2020-11-10"),
    _version("18362", "10 1903", "2020-12-08", "2020-12-08"),
    _version("18363", "10 1909", "2022-05-10", "2021-05-11"),
    _version("19041", "10 2004", "2021-12-14", "2021-12-14"),
    _version("19042", "10 20H2", "2023-05-09", "2022-05-10"),
    _version("19043", "10 21H1", "2022-12-13", "2022-12-13"),
    _version("19044", "10 21H2", "2024-06-11", "2023-06-13"),
    _version("19045", "10 22H2", "2025-10-14", "2025-10-14"),
    _version("22000", "11 21H2", "2024-10-08", "2023-10-10"),
    _version("22621", "11 22H2", "2025-10-14", "2024-10-08"),
    _version("22631", "11 23H2", "2026-11-10", "2025-11-11"),
    _version("26100", "11 24H2", "2027-10-12", "2026-10-13"),
    _version("26200", "11 25H2", "2028-10-10", "2027-10-12"),
    _version("28000", "11 26H1", "2029-03-13", "2028-03-14"),
    _version("26300", "11 26H2", "2029-10-09", "2028-10-10"),
)
"""A build that is not here is not known, and says nothing of a device."""


def support_end(
    os: str | None, os_version: str | None, edition: Edition, paid_until: date | None = None
) -> date | None:
    """The last day with updates of a device's Windows; None for another system, or a version that the table does not have."""
    if not (os or "").startswith("Windows") or (os or "").startswith("Windows Server"):
        return None
    text = os_version or ""
    build, following = text[len(PREFIX) : len(PREFIX) + 5], text[len(PREFIX) + 5 :]
    if not text.startswith(PREFIX) or following[:1] not in {"", "."}:
        return None
    return next((end(version, edition, paid_until) for version in VERSIONS if version.build == build), None)


def end(version: Version, edition: Edition, paid_until: date | None) -> date:
    """With the updates that the city has bought."""
    last = version.end(edition)
    return max(last, paid_until) if paid_until is not None and version.build == PAID_BUILD else last
