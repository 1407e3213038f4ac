"""What makes an operating system run `collect --due` every five minutes, as text: systemd units, a crontab line, a Windows task.

Sources: systemd.exec(5), systemd.timer(5), crontab(5), Microsoft's Task Scheduler schema 1.2.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import msgspec

from devreg.secret import SecretRef, credential_name

MINUTES: Final = 5
"""Between two looks; a source whose time has not come costs nothing."""
SERVICE: Final = "devreg-collect.service"
TIMER: Final = "devreg-collect.timer"
_HARDENED: Final = """\
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM"""
_HOMES: Final = (Path("/home"), Path("/root"), Path("/run/user"))


class Work(msgspec.Struct, frozen=True):
    """What is to be run, and what it needs."""

    command: tuple[str, ...]
    folder: Path
    """Where devreg.toml is."""
    user: str | None
    """Who runs it; None: whoever the system makes up for it."""
    database: Path | None
    """The register's file; None on PostgreSQL."""
    writes: tuple[Path, ...]
    """Other folders that it writes to."""
    secrets: tuple[SecretRef, ...]
    longest: timedelta
    """After this it hangs."""


def systemd(work: Work) -> dict[str, str]:
    """File name -> the unit's text."""
    return {SERVICE: "\n".join(_service(work)) + "\n", TIMER: _TIMER_UNIT}


_TIMER_UNIT: Final = f"""\
[Unit]
Description=Every {MINUTES} minutes: devreg collect --due

[Timer]
OnCalendar=*:0/{MINUTES}
AccuracySec=30s
Persistent=yes

[Install]
WantedBy=timers.target
"""


def _service(work: Work) -> Iterator[str]:
    yield "[Unit]"
    yield "Description=devreg: reads sources and writes reports whose time has come"
    yield "Wants=network-online.target"
    yield "After=network-online.target" + ("" if work.database else " postgresql.service")
    yield ""
    yield "[Service]"
    yield "Type=oneshot"
    yield f"ExecStart={' '.join(_quoted(part) for part in work.command)}"
    yield f"WorkingDirectory={_escaped(str(work.folder))}"
    yield "# 3: another one is running. 1 is a failure: something needs a person."
    yield "SuccessExitStatus=3"
    yield f"TimeoutStartSec={int(work.longest.total_seconds())}"
    if work.user is None:
        yield "DynamicUser=yes"
    else:
        yield f"User={work.user}"
    for secret in work.secrets:
        if secret.file is not None:
            yield f"LoadCredential={credential_name(secret.file)}:{_escaped(str(work.folder / secret.file))}"
        elif secret.credential is not None:
            yield f"# {secret.credential} lies in /etc/credstore"
            yield f"LoadCredential={secret.credential}"
    inside = [work.database.parent] if work.database else []
    for path in inside:
        yield _writable(str(path))
    for path in work.writes:
        if path not in inside:
            yield _writable(f"-{path}")
    paths = [work.folder, Path(work.command[0]), *inside, *work.writes]
    in_a_home = any(path.is_relative_to(home) for path in paths for home in _HOMES)
    yield f"ProtectHome={'read-only' if in_a_home else 'yes'}"
    yield _HARDENED


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    """One word of a command line of systemd's."""
    text = _escaped(text).replace("$", "$$").replace("\\", "\\\\").replace('"', '\\"')
    return text if re.fullmatch(r"[\w@%+=:,./$-]+", text) else f'"{text}"'


def _writable(path: str) -> str:
    quoted = path if re.fullmatch(r"[\w@%+=:,./-]+", path) else f'"{path}"'
    return f"ReadWritePaths={_escaped(quoted)}"


def cron(work: Work) -> str:
    """A line for the crontab of the user who owns the register: what needs a person is on stderr, and cron mails that."""
    command = shlex.join(work.command).replace("%", "\\%")
    return f"*/{MINUTES} * * * * {command} >/dev/null\n"


def windows(work: Work) -> str:
    """A task for `schtasks /Create /XML`; says no encoding, so that any that a redirection writes is right."""
    command, *arguments = work.command
    who = (
        "<UserId>S-1-5-19</UserId>"  # Local Service
        if work.user is None
        else f"<UserId>{escape(work.user)}</UserId>\n      <LogonType>Password</LogonType>"
    )
    return _TASK.format(
        who=who,
        command=escape(command),
        arguments=escape(_windows_words(arguments)),
        folder=escape(str(work.folder)),
        limit=f"PT{int(work.longest.total_seconds() // 60)}M",
    )


def _windows_words(words: Sequence[str]) -> str:
    return " ".join(f'"{word}"' if re.search(r"\s", word) else word for word in words)


_TASK: Final = f"""\
<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>devreg: reads sources and writes reports whose time has come</Description>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Enabled>true</Enabled>
      <StartBoundary>2026-01-01T00:00:00</StartBoundary>
      <Repetition>
        <Interval>PT{MINUTES}M</Interval>
      </Repetition>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      {{who}}
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>{{limit}}</ExecutionTimeLimit>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{{command}}</Command>
      <Arguments>{{arguments}}</Arguments>
      <WorkingDirectory>{{folder}}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
