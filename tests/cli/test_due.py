"""`collect --due` as timers call it, with the clock in the tests' hands; on both engines."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cli_rig import SHEET, Cli
from mail_rig import Box, free_port, mail_server
from openpyxl import load_workbook

from devreg import wiring
from devreg.store import locks, runs
from devreg.store.engine import connect

MONDAY = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Six in Helsinki."""
REPORT = """
[reports.school]
report = "equality"
out = "reports/equality-{date}.xlsx"
lang = "all"
cron = "15 6 * * 1-5"
"""


class Clock:
    """What `wiring.now` says."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    held = Clock(MONDAY)
    monkeypatch.setattr(wiring, "now", held)
    return held


@contextmanager
def connect_and_begin(register: Cli, now: datetime) -> Iterator[None]:
    """A run of the papers that has begun in another process, which is gone when the block ends."""
    sessions = connect(register.database, register.folder)
    with locks.hold(sessions, "papers"):
        with sessions.write.begin() as session:
            runs.begin(session, "papers", "sheet", now)
        yield


def test_a_week_of_missed_runs_is_caught_up_once(register: Cli, clock: Clock) -> None:
    assert "papers: complete" in register("collect", "--due").out
    assert register("collect", "--due").out == ""
    clock.now += timedelta(days=7, hours=5)
    assert "papers: complete" in register("collect", "--due").out
    clock.now += timedelta(minutes=5)
    assert register("collect", "--due").out == ""
    assert len(register("list", "runs").lines) == 1 + 2


def test_a_source_by_cron_is_read_at_its_time_in_the_registers_zone(register: Cli, clock: Clock) -> None:
    register.settings(SHEET.replace('every = "1d"', 'cron = "15 6 * * 1-5"'))
    assert "complete" in register("collect", "--due").out
    clock.now += timedelta(minutes=10)
    assert register("collect", "--due").out == ""
    clock.now += timedelta(minutes=5)
    assert "complete" in register("collect", "--due").out


def test_a_failing_source_is_tried_again_ever_more_seldom(register: Cli, clock: Clock) -> None:
    register.settings(SHEET.replace('every = "1d"', 'every = "5m"'))
    assert register("collect", "--due").code == 0
    (register.folder / "papers.csv").rename(register.folder / "away.csv")
    tried = []
    for minute in range(5, 125, 5):
        clock.now = MONDAY + timedelta(minutes=minute)
        if register("collect", "--due").code == 1:
            tried.append(minute)
    assert tried == [5, 15, 35, 75]
    (register.folder / "away.csv").rename(register.folder / "papers.csv")
    clock.now = MONDAY + timedelta(minutes=155)
    assert "papers: complete" in register("collect", "--due").out
    clock.now += timedelta(minutes=5)
    assert "papers: complete" in register("collect", "--due").out


def test_a_source_that_is_being_read_is_told_and_the_others_go_on(register: Cli, clock: Clock) -> None:
    other = SHEET[: SHEET.index("[profiles")].replace("sources.papers", "sources.more")
    register.settings(SHEET, other)
    with locks.hold(connect(register.database, register.folder), "papers"):
        done = register("collect", "--due")
        assert done.code == 0
        assert "more: complete" in done.out
        assert "papers is being collected by" in done.err
        assert register("collect", "--due").code == 3


def test_a_run_that_goes_on_elsewhere_is_no_news_until_its_time_has_come_again(register: Cli, clock: Clock) -> None:
    with connect_and_begin(register, clock.now):
        clock.now += timedelta(minutes=5)
        done = register("collect", "--due")
        assert (done.code, done.out, done.err) == (0, "", "")
        clock.now += timedelta(days=1)
        assert register("collect", "--due").code == 3
    done = register("collect", "--due")
    assert "papers: complete" in done.out


def test_a_run_whose_process_was_killed_is_done_at_the_next_look(register: Cli, clock: Clock) -> None:
    with connect_and_begin(register, clock.now):
        pass
    clock.now += timedelta(minutes=15)
    assert "papers: complete" in register("collect", "--due").out


def test_reports_are_written_when_due_and_kept_in_the_run_table(register: Cli, clock: Clock) -> None:
    register.settings(SHEET, REPORT)
    (register.folder / "reports").mkdir()
    done = register("collect", "--due")
    assert done.code == 0, done.err
    assert "R000002 report:school: complete" in done.out
    names = [f"equality-2026-11-23-{language}.xlsx" for language in ("en", "fi", "sv")]
    assert sorted(path.name for path in (register.folder / "reports").iterdir()) == names
    assert load_workbook(register.folder / "reports" / names[0]).sheetnames
    assert register("collect", "--due").out == ""
    clock.now += timedelta(minutes=15)
    assert "report:school: complete" in register("collect", "--due").out
    assert register("collect", "--due", "papers").out == ""
    listed = register("list", "runs", "--where", "source=report:school", "--format", "json").json()
    assert [row["verdict"] for row in listed] == ["complete", "complete"]


TELLER = """
[notify]
command = ["{python}", "-c", "import sys; open('told.jsonl', 'a').write(sys.stdin.read())"]
"""


def test_a_report_goes_by_mail_to_its_own_readers_and_is_tried_again_until_it_does(register: Cli, clock: Clock) -> None:
    box = Box(free_port())
    mail = (
        f'[notify.mail]\nhost = "localhost"\nport = {box.port}\nsecurity = "none"\nsender = "devreg@city.example"\n'
        'to = ["it@city.example"]\n'
    )
    head = 'mail = ["head@city.example", "rektor@city.example"]\n'
    register.settings(SHEET, mail, REPORT.replace("reports/", "").replace("15 6 * * 1-5", "0 6 1 * *") + head)
    done = register("collect", "--due")
    assert done.code == 1
    assert "report:school: failed" in done.out
    assert "can't be reached" in done.err
    assert len(list(register.folder.glob("equality-2026-11-23-*.xlsx"))) == 3
    clock.now += timedelta(minutes=10)
    with mail_server(None, box):
        assert "report:school: complete" in register("collect", "--due").out
        clock.now += timedelta(hours=7)
        assert "report:school" not in register("collect", "--due").out
    (sent,) = (mail for mail in box.mails if mail["To"] == "head@city.example, rektor@city.example")
    assert sent["Subject"] == "Equality report: pupil devices 23 Nov 2026"
    body = sent.get_body()
    assert body is not None
    assert "No unit has both a pupil count and a target" in body.get_content()
    attached = {str(part.get_filename()): part.get_content() for part in sent.iter_attachments()}
    assert sorted(attached) == [f"equality-2026-11-23-{language}.xlsx" for language in ("en", "fi", "sv")]
    assert all(content == (register.folder / name).read_bytes() for name, content in attached.items())


def test_an_address_that_is_refused_is_told_once_and_the_others_get_the_report_once(
    register: Cli, clock: Clock
) -> None:
    box = Box(free_port())
    box.unknown = {"gone@city.example"}
    mail = (
        f'[notify.mail]\nhost = "localhost"\nport = {box.port}\nsecurity = "none"\nsender = "devreg@city.example"\n'
        'to = ["it@city.example"]\n'
    )
    readers = 'mail = ["head@city.example", "gone@city.example"]\n'
    register.settings(SHEET, mail, REPORT.replace("reports/", "").replace("15 6 * * 1-5", "0 6 1 * *") + readers)
    with mail_server(None, box):
        assert "report:school: complete" in register("collect", "--due").out
        clock.now += timedelta(hours=7)
        register("collect", "--due")
    assert len([mail for mail in box.mails if "head@city.example" in mail["To"]]) == 1
    (run,) = register("list", "runs", "--where", "source=report:school", "--format", "json").json()
    assert any("refused 1 of the addresses" in line for line in register("show", run["id"]).lines)


def test_a_report_that_fails_is_told_and_leaves_the_one_before_whole(register: Cli, clock: Clock) -> None:
    register.settings(
        SHEET,
        TELLER.replace("{python}", sys.executable),
        REPORT.replace("reports/equality-{date}", "equality").replace('"all"', '"fi"'),
    )
    assert register("collect", "--due").code == 0
    written = (register.folder / "equality.xlsx").read_bytes()
    (register.folder / ".~lock.equality.xlsx#").write_text("somebody has it open")
    clock.now += timedelta(minutes=15)
    done = register("collect", "--due")
    assert done.code == 1
    assert "report:school: failed" in done.out
    assert "it is open" in done.err
    assert (register.folder / "equality.xlsx").read_bytes() == written
    assert [path.name for path in register.folder.glob("*part*")] == []
    assert "report:school" in (register.folder / "told.jsonl").read_text(encoding="utf-8")
    (row,) = register("list", "runs", "--where", "verdict=failed", "--format", "json").json()
    assert "it is open" in row["error"]
    (register.folder / ".~lock.equality.xlsx#").unlink()
    clock.now += timedelta(days=1)
    assert register("collect", "--due").code == 0
    assert (register.folder / "equality.xlsx").read_bytes() != written


def test_a_run_is_shown_with_its_times_and_all_its_warnings(register: Cli) -> None:
    register.sheet(
        "PF3KX9AB;A;laptop;;", "PF3KX9AB;B;laptop;;", *(f"PF3KX9A{n};010190-123{n};laptop;x;" for n in range(9))
    )
    told = register("collect")
    number = told.lines[0].split()[0]
    done = register("show", number.lower())
    assert done.code == 0
    assert done.lines[0] == told.lines[0]
    assert "fetching" in done.out
    shown = register("show", number, "--format", "json").json()
    assert shown["id"] == number
    assert len(shown["warnings"]) + shown["counts"]["rejected"] > 0
    assert all(warning in done.out for warning in shown["warnings"])
    assert shown["took"].keys() == {"fetch_ms", "keep_ms", "judge_ms"}
    (row,) = register("list", "runs", "--format", "json").json()
    assert row["seconds"] == shown["seconds"]
    assert register("show", "R999999").code == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (REPORT.replace('cron = "15 6 * * 1-5"', ""), "reports.school: set one of every and cron"),
        (REPORT.replace("15 6", "75 6"), "reports.school.cron: five fields as in a crontab"),
        (REPORT.replace("equality", "everything"), "reports.school.report"),
        (REPORT + 'mail = ["head@city.example"]', "reports.school.mail: needs [notify.mail]"),
        (REPORT + 'mail = ["head"]', "reports.school.mail.0: an address such as"),
        (REPORT.replace('"equality"', '"phones"') + 'mail = ["head@city.example"]', "phones may name persons"),
        ('[sources.x]\nkind = "sheet"\npath = "x.csv"\nprofile = "papers"\nevery = "1d"\ncron = "0 0 * * *"', "not both"),
    ],
)  # fmt: skip
def test_wrong_times_are_refused_with_their_key(empty: Cli, wrong: str, told: str) -> None:
    empty.settings(SHEET, wrong)
    done = empty("collect", "--due")
    assert done.code == 2
    assert told in done.err
