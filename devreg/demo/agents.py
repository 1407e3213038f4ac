"""SNMP agents for the city's network: snmpsim in a process of its own, one loopback port a device."""

import bz2
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from filelock import FileLock

from devreg.demo.network import Equipment
from devreg.demo.server import loopback
from devreg.demo.snmprec import recording
from devreg.demo.tls import write_private

USER: Final = "registry"
AUTH_KEY: Final = "stand-in-auth-key"
PRIV_KEY: Final = "stand-in-priv-key"
COMMUNITY: Final = "stand-in-read"
READY: Final = "ready"
_START_S: Final = 60.0
_LONG_AGO: Final = 10**9


class AgentsFailed(RuntimeError):
    """The agents did not come up; the message says where their log is."""


class Agents:
    """The running agents. Constructing starts the process; `wait_ready` returns when all of them listen."""

    def __init__(
        self, network: Sequence[Equipment], folder: Path, cache: Path | None = None, *, host: str = "127.0.0.1"
    ) -> None:
        self._network = network
        self._host = loopback(host)
        self._log = folder / "agents.log"
        self.ports = dict(zip((item.name for item in network), _free_ports(self._host, len(network)), strict=True))
        for name, secret in (("auth", AUTH_KEY), ("priv", PRIV_KEY), ("community", COMMUNITY)):
            write_private(folder / f"snmp-{name}.secret", secret.encode())
        cache = _usable(cache or user_cache()) or folder / "snmp-cache"
        contents = {item.name: _content(item) for item in network}
        digest = hashlib.sha256(b"".join(name.encode() + text for name, text in contents.items())).hexdigest()[:16]
        # Two rigs starting at once would write the same recordings and the same index.
        self._lock = FileLock(_made(cache) / f"{digest}.lock")
        self._lock.acquire()
        try:
            root = self._write(contents, cache / digest)
            self._process = self._spawn(root)
        except BaseException:
            self._lock.release()
            raise

    def address(self, name: str) -> str:
        """host:port of a device."""
        return f"{self._host}:{self.ports[name]}"

    def targets(self, version: str) -> tuple[str, ...]:
        """Addresses of the devices that answer SNMP version "3" or "2c"."""
        return tuple(self.address(item.name) for item in self._network if item.version == version)

    def wait_ready(self) -> None:
        """Return when every agent listens. Raises AgentsFailed when the process ends or stays silent."""
        watchdog = threading.Timer(_START_S, self._process.kill)
        watchdog.start()
        try:
            told = self._process.stdout.readline() if self._process.stdout else ""
            if told.strip() != READY:
                raise AgentsFailed(f"The SNMP stand-ins did not start; see {self._log}.")
        finally:
            watchdog.cancel()
            self._lock.release()

    def stop(self) -> None:
        """End the process."""
        self._lock.release()
        self._process.kill()
        self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _write(self, contents: dict[str, bytes], root: Path) -> Path:
        """The recordings, one folder a device; a complete folder from an earlier run is taken as it is."""
        if root.is_dir():
            return root
        half = root.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        for item in self._network:
            # snmpsim: self.snmprec is the empty SNMPv3 context; any other name is the community.
            name = "self" if item.version == "3" else COMMUNITY
            path = _made(half / item.name) / f"{name}.snmprec"
            path.write_bytes(contents[item.name])
            # snmpsim rebuilds an index that is not at least a second younger than its recording.
            os.utime(path, (_LONG_AGO, _LONG_AGO))
        half.rename(root)
        return root

    def _spawn(self, root: Path) -> subprocess.Popen[str]:
        arguments = ["--cache-dir=index", "--logging-method=null", "--log-level=error"]
        for item in self._network:
            arguments += ["--v3-engine-id", _engine_id(item), "--data-dir", item.name, *_user(item)]
            arguments += ["--agent-udpv4-endpoint", self.address(item.name)]
        with self._log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603  our own interpreter and arguments
                [sys.executable, "-m", "devreg.demo.agent_process", str(root), *arguments],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip


def user_cache() -> Path:
    """Where this system keeps a user's caches."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "devreg-demo"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "devreg-demo"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "devreg-demo"


def _content(item: Equipment) -> bytes:
    if item.recording is None:
        return recording(item).encode()
    path = files("snmpsim_data") / "data" / f"{item.recording}.snmprec"
    return path.read_bytes() if path.is_file() else bz2.decompress(path.with_name(f"{path.name}.bz2").read_bytes())  # type: ignore[attr-defined]


def _user(item: Equipment) -> list[str]:
    """One SNMPv3 user for all that speak version 3; the others know a user nobody has."""
    if item.version != "3":
        return ["--v3-user", "nobody"]
    return [
        "--v3-user", USER, "--v3-auth-key", AUTH_KEY, "--v3-auth-proto", "SHA256", "--v3-priv-key", PRIV_KEY, "--v3-priv-proto", "AES",
    ]  # fmt: skip


def _engine_id(item: Equipment) -> str:
    """An engine id by MAC address, as RFC 3411 has it; text for a recording, whose MAC is not ours to know."""
    if not item.base_mac:
        return "80001f8804" + item.name.encode().hex()
    enterprise = int(item.object_id.split(".")[6])
    return f"{0x80000000 | enterprise:08x}03{item.base_mac}"


def _free_ports(host: str, count: int) -> list[int]:
    """UDP ports nobody uses just now."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    try:
        for each in sockets:
            each.bind((host, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _usable(folder: Path) -> Path | None:
    try:
        return _made(folder) if os.access(_made(folder), os.W_OK) else None
    except OSError:
        return None


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
