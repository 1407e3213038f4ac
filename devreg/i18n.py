"""Finnish, Swedish and English for screen, report and command line, from the catalogues in `devreg/locale`."""

import gettext
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

LANGUAGES: Final = ("fi", "sv", "en")
_FOLDER: Final = Path(__file__).parent / "locale"


def N_(text: str) -> str:  # noqa: N802  the marker's name is fixed by gettext's extraction tools
    """Mark a constant for translation; looked up later through a catalogue."""
    return text


class Catalogue:
    """Texts, numbers and dates of one language.

    A message missing from a catalogue falls back to its English msgid at run time; the tests refuse such a gap.
    """

    def __init__(self, language: str, timezone: str = "Europe/Helsinki") -> None:
        if language not in LANGUAGES:
            raise ValueError(f"language {language!r} is not one of {', '.join(LANGUAGES)}")
        self.language = language
        self.zone = ZoneInfo(timezone)
        self._texts = _load(language)

    def __call__(self, msgid: str, /, **values: object) -> str:
        """The text, with `{name}` placeholders filled in after the look-up. "" stays ""."""
        text = self._texts.gettext(msgid) if msgid else ""
        return text.format(**values) if values else text

    def many(self, one: str, more: str, n: int, /, **values: object) -> str:
        """The plural form for n; `{n}` is formatted as a whole number of the language."""
        return self._texts.ngettext(one, more, n).format(n=self.number(n), **values)

    def number(self, value: float, decimals: int = 0) -> str:
        """`1 234,5` in Finnish and Swedish, `1,234.5` in English."""
        from babel.numbers import format_decimal  # saves 60 ms for commands that print no number

        return format_decimal(value, format="#,##0" + ("." + "0" * decimals if decimals else ""), locale=self._locale)

    def percent(self, share: float, decimals: int = 0) -> str:
        """`93 %` for 0.93 in Finnish and Swedish, `93%` in English."""
        from babel.numbers import format_percent  # as above

        return format_percent(
            share, format="0" + ("." + "0" * decimals if decimals else "") + self._percent_tail, locale=self._locale
        )

    def money(self, cents: int) -> str:
        """`12,50 €` for 1250."""
        from babel.numbers import format_currency  # as above

        return format_currency(cents / 100, "EUR", locale=self._locale)

    def date(self, value: date | datetime) -> str:
        """`24.11.2026` in Finnish and Swedish (as written in Finland), `24 Nov 2026` in English; local day of an aware time."""
        day = value.astimezone(self.zone).date() if isinstance(value, datetime) else value
        return f"{day:%d %b %Y}" if self.language == "en" else f"{day.day}.{day.month}.{day.year}"

    def datetime(self, value: datetime) -> str:
        """Date and local time to the minute."""
        local = value.astimezone(self.zone)
        return f"{self.date(value)} {local:%H.%M}" if self.language == "fi" else f"{self.date(value)} {local:%H:%M}"

    @property
    def _locale(self) -> str:
        return {"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}[self.language]

    @property
    def _percent_tail(self) -> str:
        return "%" if self.language == "en" else "\N{NO-BREAK SPACE}%"


@cache
def _load(language: str) -> gettext.NullTranslations:
    return gettext.translation("devreg", _FOLDER, languages=[language], fallback=True)
