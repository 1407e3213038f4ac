"""Agents for the SNMP collector's tests: snmpsim with recordings, and agents that misbehave on purpose, all on loopback."""

import os
import random
import shutil
import socket
import subprocess
import sys
import threading
from bisect import bisect_right
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pysnmp.proto import api, rfc1902, rfc1905

from collectors.snmp import SnmpCollector, SnmpOptions
from devreg.domain.observation import Observation
from devreg.ports import FailedPart, Page, Record
from devreg.settings import Loaded, Settings

V2C: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
COMMUNITY = "only-for-tests"
SYSTEM = "1.3.6.1.2.1.1"
IF_TABLE = "1.3.6.1.2.1.2.2.1"
IF_X_TABLE = "1.3.6.1.2.1.31.1.1.1"
TOO_BIG = 1


class Gathered:
    """Everything a run gave."""

    def __init__(self, collector: SnmpCollector) -> None:
        self.pages: list[Page] = list(collector.pages(None))
        self.records: list[Record] = [record for page in self.pages for record in page.records]
        self.observed: list[Observation] = [collector.observe(record) for record in self.records]
        self.failed: dict[str, str] = {part.part: part.reason for page in self.pages for part in page.failed_parts}
        self.warnings = [text for page in self.pages for text in page.warnings]
        self.rejected = [row for page in self.pages for row in page.rejected]


def collector(
    folder: Path, targets: Sequence[str], *, snmp: dict[str, Any] | None = None, **options: Any
) -> SnmpCollector:
    """A collector of these targets; with the tests' community unless credential sets are given."""
    if snmp is None:
        secret(folder, "community", COMMUNITY)
        snmp = {"legacy": {"version": "2c", "community": {"file": "community"}}}
    ranges = options.pop("ranges", None) or [{"targets": list(targets), "credentials": list(snmp)}]
    settings = {"kind": "snmp", "ranges": ranges, "rate": 5_000, **options}
    return SnmpCollector(
        "network",
        SnmpOptions.model_validate(settings),
        Loaded(Settings.model_validate({"snmp": snmp}), folder / "devreg.toml"),
    )


def secret(folder: Path, name: str, value: str) -> None:
    """A secret file as the settings want it."""
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(value)


def login(folder: Path, user: str, auth_key: str, priv_key: str, **changed: Any) -> dict[str, Any]:
    """An SNMPv3 credential set with its keys in files."""
    secret(folder, f"{user}-auth", auth_key)
    secret(folder, f"{user}-priv", priv_key)
    return {
        "version": "3",
        "user": user,
        "auth": {"protocol": changed.get("auth", "SHA-256"), "key": {"file": f"{user}-auth"}},
        "priv": {"protocol": changed.get("priv", "AES-128"), "key": {"file": f"{user}-priv"}},
    }


class Simulator:
    """snmpsim on one port; a recording's name is its community."""

    def __init__(self, folder: Path, recordings: Sequence[Path]) -> None:
        (folder / "data").mkdir()
        for path in recordings:
            shutil.copyfile(path, folder / "data" / path.name)  # snmpsim follows no links
        self.port = free_port()
        arguments = ["--cache-dir=index", "--logging-method=null", "--log-level=error", "--v3-engine-id=auto"]
        arguments += ["--v3-user=nobody", "--data-dir=data", f"--agent-udpv4-endpoint=127.0.0.1:{self.port}"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "devreg.demo.agent_process", str(folder), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == "ready"

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def free_port() -> int:
    """A UDP port nobody uses just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


Rows = list[tuple[tuple[int, ...], Any]]
Answer = Callable[["Misbehaving", Any], Any]


class Misbehaving:
    """An agent in a thread: a correct one, but for what `twist` does to each answer.

    `twist` gets the agent, the request PDU and the correct (status, varbinds), and returns those to send, or bytes to send as they
    are, or None for silence.
    """

    def __init__(self, rows: dict[str, Any], twist: Callable[..., Any] | None = None) -> None:
        self.rows: Rows = sorted((tuple(map(int, oid.split("."))), value) for oid, value in rows.items())
        self.asked = 0
        self.by_community = {COMMUNITY: self}
        """What it says to which community: a switch of Cisco's has one for each VLAN."""
        self._names = [oid for oid, _ in self.rows]
        self._twist = twist
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        """Stop answering."""
        self._socket.close()

    def after(self, name: tuple[int, ...]) -> tuple[tuple[int, ...], Any]:
        """The row after `name`."""
        place = bisect_right(self._names, name)
        return self.rows[place] if place < len(self.rows) else (name, rfc1905.endOfMibView)

    def _serve(self) -> None:
        while True:
            try:
                datagram, sender = self._socket.recvfrom(65_535)
            except OSError:
                return
            reply = self._reply(datagram)
            if reply is not None:
                self._socket.sendto(reply, sender)

    def _reply(self, datagram: bytes) -> bytes | None:
        try:
            message, _ = decoder.decode(datagram, asn1Spec=V2C.Message())
        except PyAsn1Error:  # SNMPv3
            return None
        said_to = self.by_community.get(bytes(V2C.apiMessage.get_community(message)).decode())
        if said_to is None:
            return None
        self.asked += 1
        request = V2C.apiMessage.get_pdu(message)
        answer: Any = (0, said_to._correct(request))
        if self._twist is not None:
            answer = self._twist(self, request, answer)
        if answer is None or isinstance(answer, bytes):
            return answer
        return encoded(message, request, *answer)

    def _correct(self, request: Any) -> Rows:
        names = [tuple(int(arc) for arc in name) for name, _ in V2C.apiPDU.get_varbinds(request)]
        values = dict(self.rows)
        if isinstance(request, V2C.GetRequestPDU):
            return [(name, values.get(name, rfc1905.noSuchInstance)) for name in names]
        repetitions = int(V2C.apiBulkPDU.get_max_repetitions(request)) if is_bulk(request) else 1
        found: Rows = []
        for _ in range(repetitions):
            row = [self.after(name) for name in names]
            found += row
            names = [name for name, _ in row]
        return found


Start = Callable[..., Misbehaving]
"""The fixture `start`: an agent with these rows and this twist, stopped when the test ends."""


def is_bulk(request: Any) -> bool:
    return isinstance(request, V2C.GetBulkRequestPDU)


def is_walk(request: Any) -> bool:
    """GETBULK or GETNEXT."""
    return not isinstance(request, V2C.GetRequestPDU)


def encoded(message: Any, request: Any, status: int, var_binds: Rows) -> bytes:
    """A response to the request."""
    response = V2C.GetResponsePDU()
    V2C.apiPDU.set_defaults(response)
    V2C.apiPDU.set_request_id(response, V2C.apiPDU.get_request_id(request))
    V2C.apiPDU.set_error_status(response, status)
    V2C.apiPDU.set_varbinds(response, var_binds)
    V2C.apiMessage.set_pdu(message, response)
    return bytes(encoder.encode(message))


def text(value: str) -> Any:
    return rfc1902.OctetString(value.encode())


def switch(serial: str, ports: int = 4, *, name: str = "sw-test") -> dict[str, Any]:
    """A small switch as rows: system, interfaces, one chassis."""
    rows: dict[str, Any] = {
        f"{SYSTEM}.1.0": text("Cisco IOS Software, C9200L Software, Version 17.9.4a, RELEASE SOFTWARE"),
        f"{SYSTEM}.2.0": rfc1902.ObjectIdentifier("1.3.6.1.4.1.9.1.2494"),
        f"{SYSTEM}.3.0": rfc1902.TimeTicks(123_456),
        f"{SYSTEM}.5.0": text(name),
        "1.3.6.1.2.1.47.1.1.1.1.2.1": text("C9200L-24P-4G"),
        "1.3.6.1.2.1.47.1.1.1.1.4.1": rfc1902.Integer32(0),
        "1.3.6.1.2.1.47.1.1.1.1.5.1": rfc1902.Integer32(3),
        "1.3.6.1.2.1.47.1.1.1.1.11.1": text(serial),
        "1.3.6.1.2.1.47.1.1.1.1.13.1": text("C9200L-24P-4G"),
    }
    for index in range(1, ports + 1):
        rows |= {
            f"{IF_TABLE}.2.{index}": text(f"GigabitEthernet1/0/{index}"),
            f"{IF_TABLE}.3.{index}": rfc1902.Integer32(6),
            f"{IF_TABLE}.5.{index}": rfc1902.Gauge32(4_294_967_295),
            f"{IF_TABLE}.8.{index}": rfc1902.Integer32(1),
            f"{IF_X_TABLE}.1.{index}": text(f"Gi1/0/{index}"),
            f"{IF_X_TABLE}.15.{index}": rfc1902.Gauge32(1_000),
            f"{IF_X_TABLE}.18.{index}": text(f"room {index}"),
        }
    return rows


def garbage(size: int = 200) -> bytes:
    """Bytes that look like nothing."""
    return random.Random(size).randbytes(size)


def failed_parts(pages: Sequence[Page]) -> list[FailedPart]:
    return [part for page in pages for part in page.failed_parts]


def recordings_folder() -> Path | None:
    """Recordings of real devices, kept beside the project; None where they are not."""
    root = Path(os.environ.get("DEVREG_SHARED", Path(__file__).parents[2].parent / "shared"))
    folder = root / "snmp"
    return folder if (folder / "expected.json").is_file() else None
