"""One source's record about a device, as far as merging needs it."""

from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.observation import Observation
from devreg.domain.policy import PERSON

LISTS: Final = frozenset({"sheet", PERSON})
"""Kinds of source that list a device without seeing it: their silence makes nothing missing."""

TOOLS: Final = frozenset({"intune", "google"})
"""Kinds of source that can manage a device."""


class SourceRecord(msgspec.Struct, frozen=True):
    """One source's record about the device, as far as merging needs it."""

    source: str
    kind: str
    native_id: str
    seen: Observation
    said_at: datetime
    """When a run first read what it says now; stands in for `as_of` where the source has no such time."""
    as_of: datetime | None
    gone_at: datetime | None

    @property
    def is_list(self) -> bool:
        """Whether it only names the device."""
        return self.kind in LISTS or self.seen.listed

    @property
    def is_of_tool(self) -> bool:
        """Whether a management tool saw the device itself, now or once."""
        return self.kind in TOOLS and not self.seen.listed

    @property
    def is_managing(self) -> bool:
        """Whether its source manages the device now."""
        return self.gone_at is None and self.seen.live and self.seen.manages
