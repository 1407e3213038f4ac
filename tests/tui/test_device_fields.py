"""A field on the device page: what it shows, who gave it, and what others say."""

from datetime import UTC, datetime

import pytest

from devreg.domain.provenance import Claim, Word
from devreg.i18n import Catalogue
from devreg.services.browse import DevicePage, FieldLine
from tui.screens.device_sections import sections

MOMENT = datetime(2026, 12, 31, 21, tzinfo=UTC)


def lines(field: FieldLine, language: str = "en") -> list[str]:
    """The page's section of fields, as text."""
    page = DevicePage(1, "D000001", (field,), (), (), (), (), (), ())
    return [
        " ".join("".join(span.text for span in line).split())
        for line in sections(page, 100, Catalogue(language))[0].lines
    ]


@pytest.mark.parametrize(
    ("until", "language", "told"),
    [
        (None, "en", "me: moved"),
        (MOMENT, "en", "me, until 31 Dec 2026: moved"),
        (MOMENT, "fi", "me, 31.12.2026 asti: moved"),
    ],
)
def test_a_persons_value_says_who_gave_it_why_and_until_when(until: datetime | None, language: str, told: str) -> None:
    other = Claim("B2", "intune", "intune", "1", MOMENT)
    said = FieldLine("room", "Room", "A1", "by hand", "a person's word", (other,), Word("me", "moved", until), other)
    first, who, kept_out = lines(said, language)
    assert ("A1" in first, "by hand" in first) == (True, language == "en")
    assert who == told
    assert kept_out.startswith("≠ B2 intune")


def test_a_field_locked_to_a_silent_source_shows_that_it_has_no_value() -> None:
    assert lines(FieldLine("room", "Room", None, "leases", "locked to a source that says nothing", ())) == [
        "Room – leases locked to a source that says nothing"
    ]
