"""Ways by which a message leaves the register: mail, and a program of the city's own."""

import contextlib
import os
import signal
import smtplib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import orjson

from devreg.errors import Broken, Misconfigured, Refused, Retryable
from devreg.i18n import N_
from devreg.settings import Mail, Notify
from devreg.text import clean

TIME_S: Final = 30
"""A whole message, from the first byte to the last answer: who is dead must not hold up the next collection."""
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT", "USERPROFILE")
"""All that a command gets of our environment, where secrets may stand."""
_WORKBOOK: Final = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class Message(msgspec.Struct, frozen=True):
    """What is to be said, in words for people and in fields for programs."""

    ident: str
    """The same when the same is carried again, so that who gets it twice can tell."""
    at: datetime
    subject: str
    text: str
    fields: Mapping[str, Any]
    files: Sequence[Path] = ()
    """Workbooks that go with it by mail."""


class Carrier(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """What the settings call it."""
        ...

    def carry(self, message: Message) -> str | None:
        """Give the message away; what was not quite right with that. Raises a DevregError when it was not taken."""
        ...


def carriers(settings: Notify, folder: Path) -> list[Carrier]:
    """The ways that the settings name."""
    made: list[Carrier] = []
    if settings.command:
        made.append(Command(settings.command, folder))
    if settings.mail is not None:
        made.append(Post(settings.mail, folder))
    return made


class Command:
    """A program that reads the message as JSON. Started as it stands, without a shell."""

    name = "command"

    def __init__(self, words: tuple[str, ...], folder: Path) -> None:
        self._words = words
        self._folder = folder

    def carry(self, message: Message) -> None:
        """The program must end with 0, within `TIME_S`; with it goes what it started."""
        program = self._words[0]
        said = orjson.dumps({"id": message.ident, "subject": message.subject, "text": message.text, **message.fields})
        env = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        try:
            with subprocess.Popen(  # noqa: S603  the settings' own words; nothing of a source is among them
                self._words, cwd=self._folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                start_new_session=True,
            ) as process:  # fmt: skip
                try:
                    process.communicate(said, timeout=TIME_S)
                except BaseException as stopped:
                    _kill(process)
                    if isinstance(stopped, subprocess.TimeoutExpired):
                        raise Retryable(f"The command {program} did not end within {TIME_S} seconds.") from None
                    raise
        except OSError as error:
            raise Misconfigured(
                f"The command {program} can't be started: {error.strerror}.", next_step="Correct [notify] command."
            ) from error
        if process.returncode:
            raise Broken(f"The command {program} ended with {process.returncode}.", next_step="Look at what it logs.")


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """The program and, where the system can, all it has started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


class Post:
    """Mail through the city's own server."""

    name = "mail"

    def __init__(self, settings: Mail, folder: Path, to: Sequence[str] = ()) -> None:
        """`to`: others than those of the settings."""
        self._settings = settings
        self._folder = folder
        self._to = to or settings.to

    def carry(self, message: Message) -> str | None:
        """One mail to all; who of them the server refuses."""
        secret = self._settings.password.read(self._folder) if self._settings.password else None
        where = f"{self._settings.host}:{self._settings.port}"
        try:
            with self._server() as server:
                if secret is not None:
                    server.login(str(self._settings.user), secret)
                refused = server.send_message(self._mail(message))
        except smtplib.SMTPAuthenticationError as error:
            raise Refused(
                f"The mail server {where} does not let {self._settings.user} in.",
                next_step="Correct user or password in [notify.mail].",
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(
                f"The mail server {where} does not offer what [notify.mail] asks for: {error}.",
                next_step="Correct security or port in [notify.mail].",
            ) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise Refused(
                f"The mail server {where} takes mail for nobody of {', '.join(self._to)}.",
                next_step="Correct the addresses.",
            ) from error
        except smtplib.SMTPResponseException as error:
            raise Retryable(f"The mail server {where} did not take the mail: {error.smtp_code}.") from error
        except (OSError, smtplib.SMTPException) as error:  # a lost connection has no error number
            told = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            raise Retryable(
                f"The mail server {where} can't be reached: {clean(told)}.",
                next_step="Look at it, or correct [notify.mail].",
            ) from error
        return N_(f"The mail server {where} refused {len(refused)} of the addresses.") if refused else None

    @contextlib.contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """A connection, encrypted unless it stays on this machine; cut off when its time is up, however slowly it answers."""
        settings = self._settings
        ca_file = None if settings.ca_bundle is None else str(self._folder / settings.ca_bundle)
        context = ssl.create_default_context(cafile=ca_file)
        made = (
            smtplib.SMTP_SSL(timeout=TIME_S, context=context)
            if settings.security == "tls"
            else smtplib.SMTP(timeout=TIME_S)
        )
        end = threading.Timer(TIME_S, _cut, (made,))
        end.daemon = True
        end.start()
        try:
            made._host = settings.host  # type: ignore[attr-defined]  # what its certificate is checked against; connect forgets it
            made.connect(settings.host, settings.port)
            if settings.security == "starttls":
                made.starttls(context=context)
            yield made
            with contextlib.suppress(smtplib.SMTPException, OSError):
                made.quit()  # the mail was taken whatever comes of this
        finally:
            end.cancel()
            made.close()

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = message.subject
        mail["From"] = self._settings.sender
        mail["To"] = ", ".join(self._to)
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.ident}@{self._settings.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes in return
        mail.set_content(message.text)
        for file in message.files:
            mail.add_attachment(file.read_bytes(), *_WORKBOOK, filename=file.name)
        return mail


def _cut(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        with contextlib.suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)
