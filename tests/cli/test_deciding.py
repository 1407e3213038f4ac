"""Questions, answers and replays from the command line."""

import pytest
from cli_rig import Cli

from devreg.store import locks
from devreg.store.engine import connect

_SOURCES = """
[sources.papers]
kind = "sheet"
path = "papers.csv"
profile = "papers"

[sources.school]
kind = "sheet"
path = "school.csv"
profile = "papers"

[profiles.papers]
match = ["serial"]
[profiles.papers.columns]
"Sarjanumero" = "serial"
"Valmistaja" = "manufacturer"
"Nimi" = "name"
"""


@pytest.fixture
def asked(register: Cli) -> Cli:
    """A register that wants to know whether two makers' devices with one serial number are one."""
    register.settings(_SOURCES)
    (register.folder / "papers.csv").write_text("Sarjanumero;Valmistaja;Nimi\n12345A;Dell;one\n")
    (register.folder / "school.csv").write_text("Sarjanumero;Valmistaja;Nimi\n12345A;HP;other\n")
    assert register("collect", "papers").code == 0
    assert register("collect", "school").code == 0
    return register


def test_open_questions_are_listed_as_lines_and_as_json(asked: Cli) -> None:
    done = asked("review")
    assert (done.code, len(done.lines)) == (0, 2)
    assert "same serial number, another manufacturer" in done.lines[1]
    (question,) = asked("review", "--format", "json").json()
    assert (question["id"], question["reason"]) == (1, "same serial number, another manufacturer")
    assert question["devices"] == "D000001 D000002"


def test_an_answer_is_kept_and_taken_back_by_its_decision(asked: Cli) -> None:
    done = asked("review", "1", "merge", "--into", "d1", "--reason", "seen on the desk")
    assert (done.code, done.out) == (0, "Decision 1: D000001\n")
    assert len(asked("review").lines) == 1
    (kept,) = asked("list", "decisions", "--format", "json").json()
    assert (kept["kind"], kept["reason"]) == ("merge", "seen on the desk")
    assert asked("list", "devices", "--format", "json").json()[0]["sources"] == "papers school"
    undone = asked("review", "undo", "1")
    assert (undone.code, undone.out) == (0, "Decision 1: D000001 D000002\n")
    assert len(asked("review").lines) == 2


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (("1",), 2, "devreg review 12 keep"),
        (("1", "maybe"), 2, "'maybe' is no answer."),
        (("one", "keep"), 2, "'one' is no number."),
        (("9", "keep"), 1, "There is no open question 9."),
        (("1", "merge"), 2, "--into"),
        (("1", "merge", "--into", "D000077"), 1, "D000077"),
        (("undo",), 2, "devreg review undo 3"),
        (("undo", "9"), 1, "There is no decision 9 that stands."),
    ],
)
def test_what_can_not_be_answered_is_said(asked: Cli, args: tuple[str, ...], code: int, told: str) -> None:
    done = asked("review", *args)
    assert (done.code, done.out) == (code, "")
    assert told in done.err
    assert len(asked("review").lines) == 2


def test_a_replay_rebuilds_with_todays_rules_and_respects_decisions(asked: Cli) -> None:
    asked("review", "1", "merge", "--into", "D1")
    asked("add", "serial=5CD1294QWE", "name=by hand")
    before = asked("list", "devices", "--format", "jsonl").out
    done = asked("db", "replay")
    assert (done.code, done.out) == (0, "Records: 3; read differently now: 0; not readable any more: 0.\n")
    assert asked("list", "devices", "--format", "jsonl").out == before
    rule = '\n[[sources.school.units]]\nname = "other"\nunit = "mantymaki"\n'
    asked.settings(_SOURCES.replace("[profiles.papers]", f"{rule}\n[profiles.papers]", 1))
    assert "read differently now: 1;" in asked("db", "replay").out
    assert asked("show", "D1", "--format", "json").json()["fields"]["unit"]["value"] == "mantymaki"


def test_a_replay_waits_for_no_run_in_progress(asked: Cli) -> None:
    sessions = connect(asked.database, asked.folder)
    with locks.hold(sessions, "school"):
        done = asked("db", "replay")
    assert done.code == 3
    assert "school is being collected by" in done.err
    assert asked("db", "replay").code == 0
    sessions.close()
