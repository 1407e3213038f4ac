"""What the program says of its own faults holds nothing that a source or a secret said."""

import logging
from collections.abc import Iterator

import pytest
from cli_rig import Cli
from register_rig import run

from devreg import log
from devreg.store.engine import Sessions

CODE, TOKEN = "131052-308T", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl"
SAID = f"canary of {CODE} with {TOKEN}"


@pytest.fixture
def logged(capfd: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    log.begin()
    yield capfd
    root.handlers[:], root.level = before, level


def test_a_fault_in_a_run_is_told_with_its_place_and_without_what_it_choked_on(
    sessions: Sessions, logged: pytest.CaptureFixture[str]
) -> None:
    ended = run(sessions, _choked())
    said = logged.readouterr().err
    assert (ended.verdict, "canary" in (ended.error or "")) == ("failed", False)
    assert "KeyError" in said
    assert "ValueError" in said
    assert "collect.py" in said
    for secret in ("canary", CODE, TOKEN):
        assert secret not in said


def _choked() -> Exception:
    try:
        try:
            raise KeyError(SAID)
        except KeyError as cause:
            raise ValueError(SAID) from cause
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer ***"),
        (f"found {TOKEN}.", "found ***."),
        ("client_secret=hunter2&scope=x", "client_secret=***&scope=x"),
        ('{"access_token": "hunter2", "n": 1}', '{"access_token": "***", "n": 1}'),
        ("community: hunter2", "community: ***"),
        (f"of {CODE}", "of ******-****"),
        ("a\x1b[2Jb", "a\N{REPLACEMENT CHARACTER}[2Jb"),
        ("the token has run out", "the token has run out"),
    ],
)
def test_a_logged_line_keeps_no_secret(logged: pytest.CaptureFixture[str], said: str, kept: str) -> None:
    logging.getLogger("somebody.else").warning("%s", said)
    assert logged.readouterr().err == f"WARNING somebody.else: {kept}\n"


def test_a_fault_of_the_program_ends_it_without_quoting_anything(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devreg.cli.app", lambda **_: (_ for _ in ()).throw(RuntimeError(SAID)))
    with pytest.raises(AssertionError, match="Traceback") as told:
        cli("check")
    assert "RuntimeError" in str(told.value)
    assert "canary" not in str(told.value)
