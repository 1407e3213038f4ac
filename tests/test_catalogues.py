"""The three languages: nothing untranslated, nothing left over, nothing that would break when it is filled in."""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from catalogues import Text, load, mo_path, placeholders, used

from devreg.commands import reporting
from devreg.domain.absence import judge
from devreg.errors import DatabaseUnavailable, NotFound
from devreg.i18n import LANGUAGES, SAID, Catalogue
from devreg.ports import Column
from devreg.services.equality import SOURCE_COLUMNS
from devreg.store.views import of_language

TRANSLATED = ("fi", "sv")
_NAMES = {"IMEI", "MEID", "UPS", "SNMP", "LLDP", "CDP", "VLAN", "Intune", "Google", "Chromebook", "DigiLab", "ifIndex"}
ALIKE = {
    "fi": {*_NAMES, "{n} Gbit/s", "{n} Mbit/s", "%", "min", "°C"},
    "sv": {*_NAMES, "{n} Gbit/s", "{n} Mbit/s", "{n} TB", "{n} GB", "{n} MB", "{n} kB", "Campus", "campus", "Filter", "Port",
           "person", "router", "server", "switch", "Switch", "ok", "%", "min", "°C", "In (bit/s)", "Maximum", "normal",
           "Plan", "Problem", "Stack", "toner"},
}  # fmt: skip
"""Texts that are the same in English: names, units of measure, and words that the languages share."""
ROOM = 16
"""Cells that the screen gives any label, however narrow its column (tui/widgets/columns.py)."""


def _messages(language: str) -> list[Message]:
    return [message for message in load(language) if message.id]


def _text(message: Message) -> Text:
    msgid, plural = message.id if message.pluralizable else (message.id, "")
    return Text(msgid, plural, SAID if message.context else None)  # babel reads it as bytes from a .mo file


def _strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if message.pluralizable else (message.string,)


def _columns() -> Iterator[Column]:
    for view in of_language("en").values():
        yield from (item.column for item in view.columns)
    yield from SOURCE_COLUMNS
    yield from reporting._COLUMNS


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_every_text_of_the_program_and_no_other(language: str) -> None:
    there = {_text(message) for message in _messages(language)}
    assert used() - there == set(), "new texts: run `python tests/catalogues.py`, then translate them"
    assert there - used() == set(), "texts no longer used: run `python tests/catalogues.py`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_in_every_plural_form(language: str) -> None:
    catalogue = load(language)
    for message in _messages(language):
        forms = catalogue.num_plurals if message.pluralizable else 1
        assert len(_strings(message)) == forms, message.id
        assert all(_strings(message)), f"untranslated: {message.id}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_differs_from_the_english_but_for_a_listed_few(language: str) -> None:
    alike = {_text(message).msgid for message in _messages(language) if _text(message).msgid in _strings(message)}
    assert alike - ALIKE[language] == set()
    assert ALIKE[language] - alike == set(), "listed, but not alike"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_text(language: str) -> None:
    for message in _messages(language):
        text = _text(message)
        for string in _strings(message):
            assert placeholders(string) == placeholders(text.plural or text.msgid), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_begins_and_ends_as_its_text(language: str) -> None:
    for message in _messages(language):
        msgid = _text(message).msgid
        for string in _strings(message):
            assert string == string.strip() == " ".join(string.split(" ")), message.id
            assert string.endswith((".", "?")) == msgid.endswith((".", "?")) or msgid == "pp", message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_program_reads_is_what_people_translated(language: str) -> None:
    with mo_path(language).open("rb") as file:
        compiled = {_text(message): _strings(message) for message in read_mo(file) if message.id}
    assert compiled == {_text(message): _strings(message) for message in _messages(language)}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_column_label_fits_its_column(language: str) -> None:
    t = Catalogue(language)
    for column in _columns():
        room = max(ROOM, column.width, 1.8 * len(column.label))
        assert len(t(column.label)) <= room, f"{column.label}: {t(column.label)}"


def test_labels_and_titles_of_every_list_are_texts_of_the_program() -> None:
    known = {text.msgid for text in used()}
    assert {column.label for column in _columns()} <= known
    assert {view.title for view in of_language("en").values()} <= known


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_recognised_by_its_pattern_and_never_taken_for_another(language: str) -> None:
    expected: dict[str, set[str]] = defaultdict(set)
    for message in _messages(language):
        if message.context == SAID:
            expected[_filled(message.id, message.id)].add(_filled(message.string, message.id))
    t = Catalogue(language)
    for english, translations in expected.items():
        assert t.said(english) in translations, english


def _filled(text: str, msgid: str) -> str:
    """The text with a word for each placeholder: by its place in the English, so that equal patterns become equal sentences."""
    names = list(dict.fromkeys(re.findall(r"\{(\w+)\}", msgid)))
    return re.sub(r"\{(\w+)\}", lambda place: f"word{names.index(place[1])}", text)


def test_a_reason_kept_in_english_is_said_in_the_readers_language() -> None:
    reason = judge(1_200, 300).held_reason
    assert reason == "300 of 1200 known records disappeared at once"
    assert Catalogue("fi").said(reason) == "300/1200 tunnettua tietuetta katosi kerralla"
    assert Catalogue("sv").said(reason) == "300 av 1200 kända poster försvann på en gång"
    assert Catalogue("en").said(reason) == reason


def test_an_error_is_told_with_its_next_step_and_what_stands_in_it() -> None:
    error = DatabaseUnavailable(
        "The database can't be used to read the register: database is locked.",
        next_step="Another process is writing; try again in a moment.",
    )
    assert Catalogue("fi").told(error) == (
        "Tietokantaa ei voi käyttää (rekisterin lukeminen): tietokanta on lukittu."
        " Toinen prosessi kirjoittaa; yritä hetken päästä uudelleen."
    )
    assert Catalogue("sv").told(NotFound("There is no device D000007.")) == "Enheten D000007 finns inte."


def test_a_sentence_about_a_source_keeps_the_sources_name_before_it() -> None:
    assert Catalogue("sv").said("chrome-city: devices can be read.") == "chrome-city: enheterna kan läsas."


def test_every_reason_of_several_is_said_in_the_language() -> None:
    gaps = "hardware parts: no answer; network ports: names that do not increase; LLDP: over its limit of time"
    assert Catalogue("fi").said(f"not read whole: {gaps}") == (
        "ei luettu kokonaan: laitteiston osat: ei vastausta; verkkoportit: nimet eivät kasva; LLDP: aikaraja ylittyi"
    )
    assert Catalogue("sv").said(f"10.0.0.1: what is around it was not read whole: {gaps}.") == (
        "10.0.0.1: omgivningen lästes inte helt: hårdvarudelar: inget svar; "
        "nätverksportar: namn som inte ökar; LLDP: tidsgränsen överskreds."
    )


def test_each_line_is_said_by_itself_and_keeps_its_indentation() -> None:
    text = "/etc/x.toml has faults:\n  sources.intune.kind: is missing\n  registry.x: unknown key; did you mean y?"
    assert Catalogue("fi").said(text) == (
        "Tiedostossa /etc/x.toml on virheitä:\n  sources.intune.kind: puuttuu\n  registry.x: tuntematon avain; tarkoititko y?"
    )


def test_a_name_inside_a_sentence_stays_as_it_is() -> None:
    assert Catalogue("fi").said("Source lost is being collected by process 12.") == (
        "Lähdettä lost kerää parhaillaan process 12."
    )


@pytest.mark.parametrize(
    "foreign",
    ["", " ", "{0} {x}", "100 % {", "not in any catalogue", "=1+1: [/]", "a\nb", ": " * 5_000, " as , but" * 5_000],
)
def test_a_sentence_that_no_pattern_fits_stays_as_it_is_however_odd(foreign: str) -> None:
    for language in LANGUAGES:
        assert Catalogue(language).said(foreign) == foreign
