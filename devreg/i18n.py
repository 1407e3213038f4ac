"""Finnish, Swedish and English for screen, report and command line, from the catalogues in `devreg/locale`.

What a screen says is looked up when it is shown. What happens in a run (errors, findings, why a run is held) is written in
English where it arises and kept so in the database and the log, because nobody knows yet who will read it in which language;
`Catalogue.said` recognises such a sentence by its pattern and says it in the reader's.
"""

import gettext
import os
import re
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from devreg.errors import DevregError

LANGUAGES: Final = ("fi", "sv", "en")
SAID: Final = "said"
"""Context of the sentences in the catalogues that are recognised by their pattern."""
_LONGEST: Final = 1_000
_DEEPEST: Final = 4
"""Characters of a sentence, and sentences within it, that are looked at: what a source wrote may stand in it, however long."""
_PLACE: Final = re.compile(r"\{(\w+)\}")
_FOLDER: Final = Path(__file__).parent / "locale"


def N_(text: str) -> str:  # noqa: N802  the marker's name is fixed by gettext's extraction tools
    """Mark a constant for translation; looked up later through a catalogue."""
    return text


def locale_language() -> str:
    """The language of the terminal's locale, for when no settings say one; English unless it is one of the three."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return locale[:2] if locale[:2] in LANGUAGES else "en"


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
        if text == msgid:  # what the audit trail says was tried is a phrase from an error, and stands alone in a list
            text = self._texts.pgettext(SAID, msgid)
        return text.format(**values) if values else text

    def many(self, one: str, more: str, n: int, /, **values: object) -> str:
        """The plural form for n; `{n}` is formatted as a whole number of the language."""
        return self._texts.ngettext(one, more, n).format(n=self.number(n), **values)

    def said(self, text: str) -> str:
        """A sentence that was written in English where it arose, line by line; one that no pattern fits stays as it is."""
        return text if self.language == "en" else "\n".join(map(self._line, text.split("\n")))

    def told(self, error: DevregError) -> str:
        """What failed and what to do next."""
        return f"{self.said(error.what)} {self.said(error.next_step).strip()}".strip()

    def _line(self, line: str, depth: int = 0) -> str:
        text = line.strip()
        if len(text) > _LONGEST or depth > _DEEPEST:
            return line
        for known in (self._texts.pgettext(SAID, text), self._texts.gettext(text) if text else ""):
            if known != text:
                return line.replace(text, known)
        for pattern, msgid in _patterns(self.language):
            if found := pattern.fullmatch(text):
                parts = self._parts(found.groupdict(), depth + 1)
                said = _PLACE.sub(lambda place: parts[place[1]], self._texts.pgettext(SAID, msgid))  # noqa: B023  used at once
                return line.replace(text, said)
        about, colon, rest = line.partition(": ")
        if colon and "; " not in about:
            return f"{self._phrase(about, depth + 1)}: {self._line(rest, depth + 1)}"
        several = line.split("; ")
        return line if len(several) == 1 else "; ".join(self._line(each, depth) for each in several)

    def _parts(self, values: Mapping[str, str], depth: int) -> dict[str, str]:
        """What stands in a sentence, itself said where it is a phrase; a single word may be a name."""
        return {name: self._phrase(value, depth) for name, value in values.items()}

    def _phrase(self, value: str, depth: int) -> str:
        return self._line(value, depth) if " " in value else value

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


_SPOKEN: Final[ContextVar[Catalogue]] = ContextVar("spoken")


def speak(t: Catalogue) -> None:
    """From here on errors are told in this language."""
    _SPOKEN.set(t)


def spoken() -> Catalogue:
    """What errors are told in: the settings' language once they are read, before that the terminal's."""
    return _SPOKEN.get(None) or Catalogue(locale_language())


def in_language(language: str) -> Catalogue:
    """The catalogue of a language, with the clock of the settings."""
    return Catalogue(language, spoken().zone.key)


@cache
def _load(language: str) -> gettext.NullTranslations:
    return gettext.translation("devreg", _FOLDER, languages=[language], fallback=True)


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The catalogue's sentences with values in them, those with most words of their own first."""
    from babel.messages.mofile import read_mo  # only when something went wrong

    with (_FOLDER / language / "LC_MESSAGES" / "devreg.mo").open("rb") as file:
        messages = [message for message in read_mo(file) if message.context]  # SAID; babel gives it as bytes
    msgids = [str(message.id) for message in messages if "{" in message.id]
    return tuple((_pattern(msgid), msgid) for msgid in sorted(msgids, key=_own_words, reverse=True))


def _pattern(msgid: str) -> re.Pattern[str]:
    """A name that comes twice stands for the same text twice."""
    seen: set[str] = set()

    def group(place: re.Match[str]) -> str:
        name, again = place[1], place[1] in seen
        seen.add(name)
        return f"(?P={name})" if again else f"(?P<{name}>.+?)"

    return re.compile(re.sub(r"\\{(\w+)\\}", group, re.escape(msgid)))


def _own_words(msgid: str) -> int:
    return len(_PLACE.sub("", msgid))
