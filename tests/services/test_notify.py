"""What people are told by mail and command, through a real mail server and real processes, on both engines."""

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mail_rig import PASSWORD, Box, free_port, mail_server
from register_rig import NOON, Listed, actor, laptops, later, page, row, rows, run

from devreg.demo import tls
from devreg.domain.job import Job
from devreg.domain.observation import Subject
from devreg.errors import Broken, DevregError, Misconfigured, Refused, Retryable
from devreg.i18n import Catalogue
from devreg.ports import Page
from devreg.services import alarms, carriers
from devreg.services.carriers import Carrier, Command, Message, Post
from devreg.services.collect import accept_held, collect
from devreg.services.custody import assign
from devreg.services.ingest import Feed
from devreg.services.notify import LONGEST_WAIT, notify
from devreg.settings import Mail
from devreg.store import schema
from devreg.store.engine import Sessions

_HOUR = 60
_DAY = 24 * 60
_ENGLISH = Catalogue("en")
_SOON = date.today() + timedelta(days=9)  # noqa: DTZ011  as the database's own current_date
_WRONG = Refused("The secret is wrong.", next_step="Renew it.")
_TELLING = Path(__file__).with_name("telling.py")


class Kept:
    """A way out that keeps what it is given; while `down` it says why not."""

    name = "kept"

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.tried = 0
        self.down: DevregError | None = None

    def carry(self, message: Message) -> str | None:
        self.tried += 1
        if self.down is not None:
            raise self.down
        self.taken.append(message)
        return None

    @property
    def phases(self) -> list[list[str]]:
        return [[one["phase"] for one in message.fields["notices"]] for message in self.taken]


def tell(sessions: Sessions, *ways: Carrier, at: datetime = NOON, sources: tuple[str, ...] = ("intune",)) -> list[str]:
    return [error.what for error in notify(sessions, ways, _ENGLISH, sources, lambda: at)]


@contextlib.contextmanager
def post(folder: Path, box: Box, **more: Any) -> Iterator[Post]:
    """The mail settings of a city whose server wants STARTTLS and a sign-in."""
    context = tls.server_context(folder)
    secret = folder / "mail.secret"
    tls.write_private(secret, PASSWORD.encode())
    said = {"host": "localhost", "port": box.port, "sender": "devreg@city.example", "to": ["it@city.example"],
            "user": "devreg", "password": {"file": "mail.secret"}, "ca_bundle": "ca.pem", **more}  # fmt: skip
    with mail_server(context, box):
        yield Post(Mail.model_validate(said), folder)


def test_a_failing_source_is_told_when_it_begins_once_a_day_and_when_it_works_again(sessions: Sessions) -> None:
    way = Kept()
    for minutes in (0, _HOUR, 5 * _HOUR, _DAY, _DAY + _HOUR):
        run(sessions, _WRONG, now=later(minutes))
        tell(sessions, way, at=later(minutes))
    run(sessions, page(*laptops(3)), now=later(_DAY + 2 * _HOUR))
    tell(sessions, way, at=later(_DAY + 2 * _HOUR))
    run(sessions, page(*laptops(3)), now=later(_DAY + 3 * _HOUR))
    tell(sessions, way, at=later(_DAY + 3 * _HOUR))
    assert way.phases == [["began"], ["lasts"], ["ended"]]
    assert [message.subject for message in way.taken] == ["devreg: 1 problem", "devreg: 1 problem", "devreg: 1 over"]
    assert way.taken[0].text.split("\n")[:3] == ["Began", "- intune: The secret is wrong.", "  Renew it."]
    assert "intune: works again" in way.taken[2].text
    assert rows(sessions, schema.trouble) == []


def test_the_source_is_named_once(sessions: Sessions) -> None:
    way = Kept()
    run(sessions, Broken("intune: half a page."))
    tell(sessions, way)
    assert "- intune: half a page.\n" in way.taken[0].text


def test_a_reminder_needs_no_run_only_that_somebody_looks(sessions: Sessions) -> None:
    way = Kept()
    run(sessions, _WRONG)
    tell(sessions, way)
    tell(sessions, way, at=later(_DAY - 1))
    tell(sessions, way, at=later(_DAY))
    assert way.phases == [["began"], ["lasts"]]


def test_a_held_run_is_told_with_what_to_do_and_is_over_when_a_person_accepts_it(sessions: Sessions) -> None:
    way = Kept()
    run(sessions, page(*laptops(100)))
    held = run(sessions, page(*laptops(5)), now=later(_HOUR))
    tell(sessions, way, at=later(_HOUR))
    assert "--accept-held R000002" in way.taken[0].text
    accept_held(sessions, actor(), held.run_id, lambda: later(2 * _HOUR))
    tell(sessions, way, at=later(2 * _HOUR))
    assert way.phases == [["began"], ["ended"]]


def test_a_run_in_progress_ends_no_trouble(sessions: Sessions) -> None:
    way = Kept()
    run(sessions, _WRONG)
    tell(sessions, way)
    with sessions.write.begin() as session:
        started = {"source": "intune", "started": later(1), "verdict": "running", "warnings": [], "failed_parts": {}}
        session.execute(schema.run.insert().values(started))
    tell(sessions, way, at=later(1))
    assert way.phases == [["began"]]


def test_an_alarm_names_the_device_by_its_number_and_nobody(sessions: Sessions) -> None:
    way = Kept()
    phone = {
        "serial": "SER1",
        "kind": "phone",
        "name": "Annan puhelin",
        "holder": "Anna Canary",
        "phone_number": "+358401234567",
    }
    run(sessions, page(row("p1", **phone)))
    run(sessions, page(row("1", serial="SER1", state="lost")), name="papers", kind="sheet", now=later(10))
    run(sessions, page(row("p1", as_of=later(11), **phone)), now=later(11))
    tell(sessions, way, at=later(11), sources=("intune", "papers"))
    [message] = way.taken
    assert "- D000001: lost, and seen again" in message.text
    said = message.subject + message.text + json.dumps(message.fields, default=str)
    assert not any(secret in said for secret in ("Canary", "Annan", "358401234567", "SER1"))
    alarms.acknowledge(sessions, actor("anna.canary"), 1, "Called her.", later(20))
    tell(sessions, way, at=later(20), sources=("intune", "papers"))
    assert way.phases == [["began"], ["ended"]]
    assert "Called" not in way.taken[1].text
    assert "anna" not in way.taken[1].text


def test_a_source_that_comes_and_goes_is_told_three_times_a_day(sessions: Sessions) -> None:
    way = Kept()
    for turn in range(10):
        run(sessions, _WRONG, now=later(20 * turn))
        tell(sessions, way, at=later(20 * turn))
        run(sessions, page(*laptops(3)), now=later(20 * turn + 10))
        tell(sessions, way, at=later(20 * turn + 10))
    assert way.phases == [["began"], ["ended"]] * 3
    run(sessions, _WRONG, now=later(300))
    run(sessions, _WRONG, now=later(_DAY + 1))
    tell(sessions, way, at=later(_DAY + 1))
    assert way.phases[6:] == [["began"]]


def test_a_source_that_the_settings_name_no_more_is_not_told_of_again(sessions: Sessions) -> None:
    way = Kept()
    run(sessions, _WRONG)
    tell(sessions, way)
    tell(sessions, way, at=later(2 * _DAY), sources=())
    assert (way.phases, rows(sessions, schema.trouble)) == ([["began"]], [])


def test_each_job_of_a_source_has_troubles_of_its_own(sessions: Sessions) -> None:
    way = Kept()
    for minutes in range(0, 60, 10):  # one fails each time, the other never
        _job(sessions, Job.LOCATION, minutes, _WRONG)
        _job(sessions, Job.INVENTORY, minutes + 5, page(*laptops(3)))
        tell(sessions, way, at=later(minutes + 6), sources=("network",))
    assert way.phases == [["began"]]
    assert "network location" in way.taken[0].text
    _job(sessions, None, 60, page(*laptops(3)))  # all of it in one go
    tell(sessions, way, at=later(61), sources=("network",))
    assert way.phases == [["began"], ["ended"]]


def test_a_whole_run_by_hand_that_failed_is_forgotten_when_the_jobs_go_on(sessions: Sessions) -> None:
    way = Kept()
    _job(sessions, None, 0, _WRONG)
    tell(sessions, way, sources=("network",))
    _job(sessions, Job.INVENTORY, 10, page(*laptops(3)))
    tell(sessions, way, at=later(2 * _DAY), sources=("network",))
    assert (way.phases, rows(sessions, schema.trouble)) == ([["began"]], [])


def _job(sessions: Sessions, job: Job | None, minutes: int, *pages: Page | Exception) -> None:
    source = Jobs(*pages)
    feed = Feed("network", "snmp", source.observe, (), "1", job=job)
    collect(sessions, actor(), source, feed, lambda: later(minutes))


class Jobs(Listed):
    def pages_of(
        self, job: Job | None, credentials: Mapping[str, str], checkpoint: str | None = None
    ) -> Iterator[Page]:
        return self.pages(checkpoint)


def test_a_dry_run_tells_nobody(sessions: Sessions) -> None:
    run(sessions, _WRONG, dry_run=True)
    assert rows(sessions, schema.notice) == []


def test_what_can_t_be_carried_waits_longer_and_longer_and_goes_as_one_message(sessions: Sessions) -> None:
    way = Kept()
    way.down = Retryable("The mail server is down.")
    for minutes in range(0, 10 * _HOUR, 5):
        run(sessions, _WRONG if minutes % 10 else page(*laptops(3)), now=later(minutes))
        told = tell(sessions, way, at=later(minutes))
        assert told in ([], ["The mail server is down."])
    assert way.tried < 20
    [route] = rows(sessions, schema.route)
    assert (route["error"], route["tries"]) == ("The mail server is down.", way.tried)
    way.down = None
    tell(sessions, way, at=later(11 * _HOUR))
    [message] = way.taken
    assert way.phases == [["began", "ended"] * 3]
    assert tell(sessions, way, at=later(12 * _HOUR)) == []
    assert len(way.taken) == 1
    assert message.subject == "devreg: 3 problems, 3 over"


def test_one_way_that_is_dead_keeps_no_other_waiting_and_neither_gets_anything_twice(sessions: Sessions) -> None:
    dead, alive = Kept(), Kept()
    dead.name, dead.down = "dead", Retryable("no answer")
    run(sessions, _WRONG)
    for minutes in range(0, 3 * _HOUR, 10):
        tell(sessions, dead, alive, at=later(minutes))
    dead.down = None
    tell(sessions, dead, alive, at=later(5 * _HOUR))
    assert (dead.phases, alive.phases) == ([["began"]], [["began"]])


def test_a_clock_that_is_set_back_does_not_silence_a_way(sessions: Sessions) -> None:
    way = Kept()
    way.down = Retryable("no answer")
    run(sessions, _WRONG, now=later(100 * _DAY))
    tell(sessions, way, at=later(100 * _DAY))
    way.down = None
    tell(sessions, way)
    assert way.phases == [["began"]]


def test_a_new_way_hears_of_the_last_day_and_not_of_years(sessions: Sessions) -> None:
    for day in range(5):
        run(sessions, _WRONG, now=later(day * _DAY))
        run(sessions, page(*laptops(3)), now=later(day * _DAY + 60))
    way = Kept()
    tell(sessions, way, at=later(4 * _DAY + 90))
    assert way.phases == [["began", "ended"]]


def test_notices_go_when_they_are_old_and_carried_and_not_before(sessions: Sessions) -> None:
    dead, alive = Kept(), Kept()
    dead.name, dead.down = "dead", Retryable("no answer")
    run(sessions, _WRONG)
    run(sessions, page(*laptops(3)), now=later(1))
    tell(sessions, dead, alive, at=later(2))
    tell(sessions, dead, alive, at=later(40 * _DAY))
    assert len(rows(sessions, schema.notice)) == 2
    tell(sessions, alive, at=later(41 * _DAY))  # the settings name the dead one no more
    assert rows(sessions, schema.notice) == []


def test_thousands_of_alarms_are_one_message_of_thirty_lines(sessions: Sessions) -> None:
    way = Kept()
    run(sessions, page(*laptops(3)))
    with sessions.write.begin() as session:
        one = {"device_id": 1, "what": "lost, and seen again", "opened_at": NOON, "seen_at": NOON}
        session.execute(schema.alarm.insert(), [one] * 2_000)
    tell(sessions, way)
    [message] = way.taken
    assert message.text.count("\n- ") == 31
    assert "… and 1,970 more" in message.text
    assert (len(message.fields["notices"]), message.fields["left_out"]) == (500, 1_500)


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_the_words_are_the_register_s(sessions: Sessions, language: str) -> None:
    way = Kept()
    run(sessions, page(*laptops(100)))
    run(sessions, page(*laptops(5)), now=later(1))
    run(sessions, _WRONG, name="papers", now=later(1))
    notify(sessions, [way], Catalogue(language), ("intune", "papers"), lambda: later(2))
    run(sessions, page(*laptops(100)), now=later(3))
    notify(sessions, [way], Catalogue(language), ("intune", "papers"), lambda: later(4))
    english = {"Began", "Over", "problem", "held", "Nothing", "Look", "works", "It was", "since"}
    said = "\n".join(message.subject + "\n" + message.text for message in way.taken)
    assert [word for word in english if word in said.replace("--accept-held", "")] == []


def test_a_mail_goes_encrypted_and_signed_in_to_the_city_s_server(sessions: Sessions, tmp_path: Path) -> None:
    box = Box(free_port())
    run(sessions, Refused("Käyttöoikeus puuttuu: “ä–€”."))
    with post(tmp_path, box) as way:
        assert tell(sessions, way) == []
    [mail] = box.mails
    assert (mail["Subject"], mail["From"], mail["To"]) == (
        "devreg: 1 problem",
        "devreg@city.example",
        "it@city.example",
    )
    assert (mail["Auto-Submitted"], mail["Message-ID"][:13]) == ("auto-generated", "<devreg.1-1.2")
    assert "Käyttöoikeus puuttuu: “ä–€”." in box.texts[0]


def test_a_mail_server_that_comes_back_gets_what_waited(sessions: Sessions, tmp_path: Path) -> None:
    box = Box(free_port())
    run(sessions, _WRONG)
    settings = {
        "host": "localhost",
        "port": box.port,
        "security": "none",
        "sender": "a@b.example",
        "to": ["c@d.example"],
    }
    way = Post(Mail.model_validate(settings), tmp_path)
    [error] = tell(sessions, way)
    assert "can't be reached" in error
    with mail_server(None, box):
        box.refuse = "451 Try later"
        assert tell(sessions, way, at=later(2)) == [f"The mail server localhost:{box.port} did not take the mail: 451."]
        box.refuse = None
        assert tell(sessions, way, at=later(_HOUR)) == []
    assert len(box.mails) == 1


def test_one_address_that_the_server_does_not_know_keeps_no_mail_from_the_others(tmp_path: Path) -> None:
    box = Box(free_port())
    box.unknown = {"gone@city.example"}
    with post(tmp_path, box, to=["it@city.example", "gone@city.example"]) as way:
        complaint = way.carry(Message("devreg.1", NOON, "s", "t", {}))
    assert complaint == f"The mail server localhost:{box.port} refused 1 of the addresses."
    assert len(box.mails) == 1
    with post(tmp_path, box, to=["gone@city.example"]) as way, pytest.raises(Refused, match="nobody"):
        way.carry(Message("devreg.1", NOON, "s", "t", {}))


def test_no_password_and_no_mail_goes_to_a_server_that_is_not_proven(tmp_path: Path) -> None:
    box = Box(free_port())
    with post(tmp_path, box) as way:
        (tmp_path / "ca.pem").write_bytes(_other_authority(tmp_path))
        with pytest.raises(Retryable, match="can't be reached"):
            way.carry(Message("devreg.1", NOON, "s", "t", {}))
    with mail_server(None, box):
        said = {"host": "localhost", "port": box.port, "sender": "a@b.example", "to": ["c@d.example"]}
        with pytest.raises(Refused, match="does not offer"):
            Post(Mail.model_validate(said), tmp_path).carry(Message("devreg.1", NOON, "s", "t", {}))
    assert box.mails == []


def _other_authority(folder: Path) -> bytes:
    other = folder / "other"
    other.mkdir()
    tls.server_context(other)
    return (other / "ca.pem").read_bytes()


def test_a_wrong_password_is_told_without_the_password(tmp_path: Path) -> None:
    box = Box(free_port())
    with post(tmp_path, box) as way:
        tls.write_private(tmp_path / "mail.secret", b"canary-Other-2")
        with pytest.raises(Refused, match="does not let devreg in") as refused:
            way.carry(Message("devreg.1", NOON, "s", "t", {}))
    assert "canary" not in str(refused.value)


def test_a_mail_server_that_answers_a_byte_at_a_time_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carriers, "TIME_S", 1)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        dripping = threading.Thread(target=_drip, args=(listening, over), daemon=True)
        dripping.start()
        said = {
            "host": "127.0.0.1",
            "port": listening.getsockname()[1],
            "security": "none",
            "sender": "a@b.example",
            "to": ["c@d.example"],
        }
        with pytest.raises(Retryable, match="can't be reached"):
            Post(Mail.model_validate(said), tmp_path).carry(Message("devreg.1", NOON, "s", "t", {}))
        over.set()
        dripping.join(10)


def _drip(listening: socket.socket, over: threading.Event) -> None:
    talking, _ = listening.accept()
    with talking, contextlib.suppress(OSError):
        while not over.wait(0.2):
            talking.sendall(b"2")


def command(folder: Path, code: str, *words: str) -> Command:
    return Command((sys.executable, "-c", code, *words), folder)


def test_a_command_gets_json_and_its_words_as_they_stand_and_none_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNMP_COMMUNITY", "canary-3")
    code = (
        "import json, os, sys; json.dump([json.load(sys.stdin), sys.argv[1:], dict(os.environ)], open('got.json', 'w'))"
    )
    message = Message("devreg.1-1", NOON, "subject", "text", {"language": "sv", "notices": [{"since": NOON}]})
    command(tmp_path, code, "$(touch shell)", "; touch shell").carry(message)
    said, words, env = json.loads((tmp_path / "got.json").read_text())
    assert (said["id"], said["language"], said["notices"][0]["since"]) == (
        "devreg.1-1",
        "sv",
        "2026-11-24T10:00:00+00:00",
    )
    assert words == ["$(touch shell)", "; touch shell"]
    assert not (tmp_path / "shell").exists()
    assert "canary-3" not in env.values()
    assert "PATH" in env


def test_a_command_that_fails_or_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    message = Message("devreg.1", NOON, "s", "t", {})
    with pytest.raises(Broken, match=r"ended with 3\."):
        command(tmp_path, "raise SystemExit(3)").carry(message)
    with pytest.raises(Misconfigured, match="no-such-program can't be started"):
        Command(("no-such-program",), tmp_path).carry(message)


def test_a_command_that_does_not_end_is_stopped_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carriers, "TIME_S", 3)
    code = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "open('pid', 'w').write(str(child.pid)); child.wait()"
    )
    with pytest.raises(Retryable, match="did not end within"):
        command(tmp_path, code).carry(Message("devreg.1", NOON, "s", "t", {}))
    assert _ends(int((tmp_path / "pid").read_text()))


def _ends(pid: int) -> bool:
    """Whether a process that was killed goes away; one that nobody waits for stays as a zombie."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def test_killed_while_it_tells_it_tells_again_but_not_before_the_next_try_is_due(
    sessions: Sessions, database: str, tmp_path: Path
) -> None:
    run(sessions, _WRONG)
    for number in range(3):  # the timer goes on starting it, each one killed by the command it starts
        process = subprocess.run(
            [sys.executable, str(_TELLING), database, str(tmp_path), str(number)], capture_output=True, timeout=60
        )
        assert process.returncode == (-signal.SIGKILL if number == 0 else 0), process.stderr
    assert (tmp_path / "told").read_text() == "x"
    [route] = rows(sessions, schema.route)
    assert (route["sent_to"], route["tries"]) == (0, 1)
    way = Kept()
    way.name = "command"
    tell(sessions, way, at=NOON + LONGEST_WAIT)
    assert way.phases == [["began"]]


def test_a_mail_s_settings_never_leave_it_unencrypted_on_the_net() -> None:
    said = {"host": "smtp.city.example", "security": "none", "sender": "a@b.example", "to": ["c@d.example"]}
    with pytest.raises(ValueError, match="only with a server on this machine"):
        Mail.model_validate(said)
    assert ssl.create_default_context().check_hostname
    assert os.environ.get("PYTHONHTTPSVERIFY") is None


def test_a_sender_can_t_smuggle_a_header() -> None:
    with pytest.raises(ValueError, match="an address such as"):
        Mail.model_validate({"host": "localhost", "sender": "a@b.example\r\nBcc: x@y.example", "to": ["c@d.example"]})


def test_who_tells_at_the_same_time_leaves_it_to_the_other(sessions: Sessions) -> None:
    class Telling(Kept):
        def carry(self, message: Message) -> str | None:
            assert tell(sessions, other, at=later(_HOUR)) == []
            return super().carry(message)

    other, way = Kept(), Telling()
    run(sessions, _WRONG)
    tell(sessions, way)
    assert (len(way.taken), other.tried) == (1, 0)


def test_the_wait_between_two_tries_is_an_hour_at_most(sessions: Sessions) -> None:
    way = Kept()
    way.down = Retryable("no answer")
    run(sessions, _WRONG)
    for hour in range(30):
        tell(sessions, way, at=later(hour * _HOUR))
    [route] = rows(sessions, schema.route)
    assert route["next_try"] - later(29 * _HOUR) == timedelta(hours=1)


def test_a_leavers_device_is_told_once_again_after_a_week_and_when_it_is_back(sessions: Sessions) -> None:
    phone = row("1", serial="SER1", holder_email="aino@x")
    aino = {"name": "Aino", "email": "aino@x"}
    run(sessions, page(phone, row("p1", Subject.PERSON, active=True, leave_date=str(_SOON), **aino)))
    way = Kept()

    def told(day: float) -> list[str]:
        """What was told on that day, and whether it names somebody."""
        before = len(way.taken)
        notify(sessions, [way], _ENGLISH, ["intune"], lambda: NOON + timedelta(days=day))
        assert not any("aino" in message.text.lower() for message in way.taken)
        return [line for message in way.taken[before:] for line in message.text.splitlines() if line.startswith("-")]

    soon, left = "- D000001: Who has the device leaves soon.", "- D000001: Who has the device has left."
    assert [told(0), told(1), told(6.9), told(7)] == [[soon], [], [], [soon]]
    run(sessions, page(phone, row("p1", Subject.PERSON, active=False, **aino)), now=NOON + timedelta(days=8))
    assert [told(8), told(9)] == [[left], []]
    assign(sessions, actor(), 1, reason=None, now=NOON + timedelta(days=10))
    assert told(10) == ["- D000001: it is in other hands, or they stay"]


def test_a_run_whose_process_died_is_told_of_when_it_is_found(sessions: Sessions) -> None:
    way = Kept()
    with contextlib.suppress(AssertionError):
        run(sessions, page(*laptops(2)), AssertionError("killed here"))
    run(sessions, Retryable("Nobody answers."), now=later(_DAY))
    tell(sessions, way, at=later(_DAY + 1))
    [message] = way.taken
    assert "The process was stopped before it ended." in message.text
