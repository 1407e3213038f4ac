"""The program on a real pseudo-terminal."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path


def on_terminal(program: str, keys: list[bytes], rows: int = 40, columns: int = 140) -> tuple[bytes, float]:
    """Everything the program writes to a real pseudo-terminal while the keys are typed, and the seconds that `q` took."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=Path(__file__).parents[2],
        env=environment,
        start_new_session=True,
    )
    os.close(slave)
    seen = _read_until_quiet(master, 1.0, patience=20.0)
    for key in keys:
        os.write(master, key)
        seen += _read_until_quiet(master, 0.15)
    began = time.monotonic()
    os.write(master, b"q")
    while child.poll() is None and time.monotonic() - began < 10:
        seen += _read_until_quiet(master, 0.02, patience=0.05)
    took = time.monotonic() - began
    if child.poll() is None:
        child.kill()
    assert child.wait() == 0
    os.close(master)
    return seen, took


def _read_until_quiet(master: int, quiet_s: float, patience: float = 0.0) -> bytes:
    seen, began = b"", time.monotonic()
    while True:
        waiting = quiet_s if seen or time.monotonic() - began >= patience else 0.5
        ready, _, _ = select.select([master], [], [], waiting)
        if not ready:
            if seen or time.monotonic() - began >= patience:
                return seen
            continue
        try:
            seen += os.read(master, 65536)
        except OSError:
            return seen
