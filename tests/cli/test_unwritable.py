"""A register that is full, read-only or held by another process: exit code 4, the cause and what to do in the reader's language."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import pytest
from cli_rig import Cli, Done

from devreg.store import engine
from devreg.store.engine import bare

Patch = pytest.MonkeyPatch
Fault = Callable[[Cli, Patch], AbstractContextManager[None]]


def _with_pragma(patch: Patch, statement: str) -> None:
    pragmas = engine._pragmas
    patch.setattr(engine, "_pragmas", lambda read_only: (*pragmas(read_only), statement))


@contextmanager
def full(cli: Cli, patch: Patch) -> Iterator[None]:
    """SQLite's own limit says what a full disk says."""
    with closing(bare(cli.folder / "devreg.db")) as connection:
        connection.execute("VACUUM")
    _with_pragma(patch, "PRAGMA max_page_count=1")  # as many as there are: it is never less
    yield


@contextmanager
def read_only(cli: Cli, patch: Patch) -> Iterator[None]:
    """As for who may not write the file: root may write any."""
    _with_pragma(patch, "PRAGMA query_only=ON")
    yield


@contextmanager
def locked(cli: Cli, patch: Patch) -> Iterator[None]:
    patch.setattr(engine, "BUSY_TIMEOUT_S", 0.1)
    with closing(bare(cli.folder / "devreg.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


TOLD = {
    ("full", "fi"): "tietokanta tai levy on täynnä",
    ("full", "sv"): "databasen eller disken är full",
    ("full", "en"): "database or disk is full",
    ("read_only", "fi"): "tietokantaan ei saa kirjoittaa",
    ("read_only", "sv"): "databasen får inte skrivas",
    ("read_only", "en"): "attempt to write a readonly database",
    ("locked", "fi"): "tietokanta on lukittu",
    ("locked", "sv"): "databasen är låst",
    ("locked", "en"): "database is locked",
}
BEGUN = {"fi": "Tietokantaa ei voi käyttää", "sv": "Databasen kan inte användas", "en": "The database can't be used"}
NEXT = {
    ("full", "fi"): "Tee levylle tilaa; mitään keskeneräistä ei jäänyt.",
    ("full", "sv"): "Frigör utrymme",
    ("full", "en"): "Make room on the disk",
    ("read_only", "fi"): "Tarkista tiedoston ja sen kansion oikeudet.",
    ("read_only", "sv"): "Kontrollera rättigheterna till filen och dess mapp.",
    ("read_only", "en"): "Check the rights of the file and its folder.",
    ("locked", "fi"): "Toinen prosessi kirjoittaa; yritä hetken päästä uudelleen.",
    ("locked", "sv"): "En annan process skriver; försök igen om en stund.",
    ("locked", "en"): "Another process is writing; try again in a moment.",
}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("fault", [full, read_only, locked], ids=lambda fault: fault.__name__)
def test_a_register_that_cannot_be_written_ends_with_4_and_says_why_and_what_to_do(
    empty: Cli, monkeypatch: Patch, fault: Fault, language: str
) -> None:
    empty.config.write_text(empty.config.read_text().replace('"en"', f'"{language}"'))
    written = 0
    with monkeypatch.context() as patch, fault(empty, patch):
        while (done := _added(empty, written)).code == 0:
            written += 1
    said = done.err.splitlines()
    assert (done.code, done.out, len(said)) == (4, "", 2)
    assert said[0].startswith(BEGUN[language])
    assert TOLD[fault.__name__, language] in said[0]
    assert said[1].startswith(NEXT[fault.__name__, language])
    assert len(empty("list", "devices", "--format", "json").json()) == written
    assert _added(empty, written).code == 0, "it goes on when there is room again"


def _added(cli: Cli, number: int) -> Done:
    return cli("add", f"serial=5CD1294Q{number:02d}", "kind=laptop", "notes=" + "x" * 900)
