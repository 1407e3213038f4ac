"""What `devreg check` finds about how things go; every fault seeded, on both engines where the register is asked."""

import shutil
from collections import namedtuple
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from register_rig import NOON, laptops, later, page, rows, run

from devreg.domain.job import Job
from devreg.domain.schedule import Schedule
from devreg.errors import DevregError, Refused, Retryable
from devreg.i18n import Catalogue
from devreg.ports import Finding
from devreg.services import doctor, health
from devreg.services.carriers import Message
from devreg.services.notify import notify
from devreg.settings import Loaded, Mail, Notify, Settings, SnmpCredential
from devreg.store import engine, schema
from devreg.store.engine import Line, Sessions

_HELSINKI = ZoneInfo("Europe/Helsinki")
_HOURLY: dict[Job | None, Schedule] = {None: Schedule(timedelta(hours=1))}
_HOUR = 60
_DAY = 24 * 60
Usage = namedtuple("Usage", "total used free")


class Way:
    """A way out that takes everything, or nothing while `down`."""

    name = "mail"
    down: DevregError | None = None

    def carry(self, message: Message) -> str | None:
        if self.down is not None:
            raise self.down
        return None


def said(findings: Any) -> list[tuple[str, str]]:
    return [(str(finding.severity), finding.what) for finding in findings]


def of_source(sessions: Sessions, minutes: int, schedules: dict[Job | None, Schedule] = _HOURLY) -> list[Finding]:
    return list(health.of_source(sessions, "intune", schedules, _HELSINKI, later(minutes)))


def test_a_source_that_was_never_read_is_told_with_the_command_that_reads_it(sessions: Sessions) -> None:
    [finding] = of_source(sessions, 0)
    assert said([finding]) == [("advice", "it was never read whole")]
    assert finding.next_step == "Run `devreg collect intune`."


def test_a_source_is_late_when_it_missed_three_of_its_times(sessions: Sessions) -> None:
    run(sessions, page(*laptops(3)))
    assert said(of_source(sessions, 3 * _HOUR)) == [("ok", "it was last read whole on 2026-11-24")]
    late = "it was last read whole on 2026-11-24, later than its schedule allows"
    assert said(of_source(sessions, 3 * _HOUR + 1)) == [("fault", late)]
    mornings: dict[Job | None, Schedule] = {None: Schedule(cron="15 6 * * 1-5")}  # the next three: Wednesday to Friday
    assert said(of_source(sessions, 2 * _DAY, mornings))[0][0] == "ok"
    assert said(of_source(sessions, 4 * _DAY, mornings)) == [("fault", late)]
    assert said(of_source(sessions, 400 * _DAY, {None: Schedule()}))[0][0] == "ok"  # it has no schedule to be late for
    jobs: dict[Job | None, Schedule] = {
        Job.LOAD: Schedule(timedelta(minutes=5)),
        Job.INVENTORY: Schedule(timedelta(hours=6)),
    }
    assert said(of_source(sessions, 17 * _HOUR, jobs))[0][0] == "ok"
    assert said(of_source(sessions, 19 * _HOUR, jobs))[0][0] == "fault"


def test_a_source_that_fails_now_is_a_fault_with_since_when_and_why(sessions: Sessions) -> None:
    run(sessions, page(*laptops(3)))
    run(sessions, Refused("The secret is wrong.", next_step="Renew it."), now=later(30))
    run(sessions, Refused("Another source."), name="papers", now=later(30))
    first, second = of_source(sessions, _HOUR)
    assert said([first]) == [("fault", "since 2026-11-24 10:30 UTC: The secret is wrong.")]
    assert (first.next_step, str(second.severity)) == ("Renew it.", "ok")


def test_nobody_being_told_of_failures_is_advised_against(sessions: Sessions) -> None:
    assert said(health.of_notices(sessions, [], NOON)) == [("advice", "nobody is told when a source fails")]


def test_notices_that_do_not_arrive_are_a_fault_with_how_many_wait_and_why(sessions: Sessions) -> None:
    way = Way()
    assert said(health.of_notices(sessions, [way], NOON)) == [("ok", "notices go by mail; none was needed yet")]
    run(sessions, Refused("The secret is wrong."))
    way.down = Retryable("The mail server is down.")
    notify(sessions, [way], Catalogue("en"), ("intune",), lambda: NOON)
    assert said(health.of_notices(sessions, [way], NOON)) == [
        ("fault", "1 notices wait, tried by mail 1 times: The mail server is down.")
    ]
    way.down = None
    notify(sessions, [way], Catalogue("en"), ("intune",), lambda: later(_HOUR))
    assert said(health.of_notices(sessions, [way], later(_HOUR))) == [("ok", "notices go by mail, last on 2026-11-24")]
    assert rows(sessions, schema.route)[0]["error"] is None


def test_a_trial_tells_by_which_way_it_went() -> None:
    assert said(health.of_trial([])) == [("fault", "there is no way for a trial message")]
    tried = [("mail", None), ("command", Retryable("The command tell ended with 3."))]
    assert said(health.of_trial(tried)) == [
        ("ok", "a trial message went by mail"),
        ("fault", "a trial message by command: The command tell ended with 3."),
    ]


def _loaded(folder: Path) -> Loaded:
    path = folder / "devreg.toml"
    path.write_text("", encoding="utf-8")
    path.chmod(0o644)
    (folder / "devreg.db").write_bytes(b"x" * 100)
    (folder / "devreg.db").chmod(0o600)
    return Loaded(Settings(), path)


def test_settings_that_others_may_change_are_a_fault_and_a_register_that_others_may_read_advised_against(
    tmp_path: Path,
) -> None:
    loaded = _loaded(tmp_path)
    assert [severity for severity, _ in said(health.of_files(loaded))] == ["ok"]
    loaded.path.chmod(0o664)
    (tmp_path / "devreg.db").chmod(0o604)
    first, second, _ = health.of_files(loaded)
    assert said([first]) == [("fault", f"{loaded.path} can be changed by others: they could send secrets elsewhere")]
    assert said([second]) == [("advice", f"{tmp_path / 'devreg.db'} can be read by others")]
    assert first.next_step == f"Run `chmod go-w {loaded.path}`."


@pytest.mark.parametrize(("free_mib", "severity"), [(50, "fault"), (500, "advice"), (5_000, "ok")])
def test_little_room_on_the_disk_is_told_before_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_mib: int, severity: str
) -> None:
    loaded = _loaded(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, free_mib << 20))
    [finding] = health.of_files(loaded)
    assert said([finding]) == [(severity, f"{free_mib} MiB are free where the register lies; it has 0 MiB")]


def test_every_secret_in_the_environment_is_advised_against_by_where_the_settings_name_it() -> None:
    snmp = SnmpCredential.model_validate(
        {"version": "3", "user": "u", "auth": {"protocol": "SHA-256", "key": {"env": "A"}},
         "priv": {"protocol": "AES-128", "key": {"file": "p"}}}
    )  # fmt: skip
    mail = Mail.model_validate(
        {"host": "h", "sender": "a@b.example", "to": ["c@d.example"], "user": "u", "password": {"env": "MAIL"}}
    )
    assert said(health.of_secrets({"snmp.main": snmp, "notify": Notify(mail=mail)})) == [
        ("advice", "the secret snmp.main.auth.key is in the environment variable A, which every child process gets"),
        (
            "advice",
            "the secret notify.mail.password is in the environment variable MAIL, which every child process gets",
        ),
    ]


def test_the_engine_says_how_it_keeps_and_sends_what_it_is_given(sessions: Sessions) -> None:
    told = [what for _, what in said(doctor._engine(sessions))]
    if sessions.is_sqlite:
        assert any(what.startswith("the register's journal mode is ") for what in told)
    else:
        assert told == ["the register is on PostgreSQL, schema current", "the line to PostgreSQL stays on this machine"]


@pytest.mark.parametrize(
    ("line", "severity", "what"),
    [
        (Line("TLSv1.3", is_local=False), "ok", "the line to PostgreSQL is encrypted (TLSv1.3)"),
        (Line(None, is_local=True), "ok", "the line to PostgreSQL stays on this machine"),
        (Line(None, is_local=False), "fault", "the line to PostgreSQL is not encrypted"),
    ],
)
def test_a_line_that_leaves_this_machine_in_the_clear_is_a_fault(line: Line, severity: str, what: str) -> None:
    assert said([doctor.of_line(line)]) == [(severity, what)]


@pytest.mark.parametrize("broken", ["urllib3", "pyasn1"])
def test_a_library_with_known_holes_is_a_fault(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    monkeypatch.setitem(doctor._FLOORS, broken, (999,))
    [(severity, what)] = said(doctor._libraries())
    assert severity == "fault"
    assert what.startswith(f"{broken} ")


def test_an_old_sqlite_is_told_with_what_it_costs(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_WAL_SAFE", (99, 0, 0))
    told = [what for severity, what in said(doctor._engine(sessions)) if severity == "advice"]
    assert len(told) == (1 if sessions.is_sqlite else 0)
    assert all("WAL-reset bug" in what for what in told)
