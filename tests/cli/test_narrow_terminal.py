"""Lists on a real terminal of 80 columns: what does not fit is left out and named, never squeezed until nobody can read it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from cli_rig import Cli

WORDS = "PF3KX9AB;laptop-of-the-reception;laptop;999,90;mantymaki"


def on_terminal(cli: Cli, *args: str, columns: int = 80) -> list[str]:
    """What a terminal of so many columns shows of the command."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DEVREG_", "COLUMNS", "LINES"))}
    env |= {"PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "devreg", *args], cwd=cli.folder, env=env, stdin=inner, stdout=inner, stderr=inner
    )
    os.close(inner)
    said = b""
    try:
        while chunk := os.read(outer, 65_536):
            said += chunk
    except OSError:  # the other end is closed: the program has ended
        pass
    finally:
        os.close(outer)
        process.wait(timeout=60)
    assert process.returncode == 0
    text = re.sub(r"\x1b\[[0-9;]*m", "", said.decode())
    return [line.rstrip() for line in text.replace("\r\n", "\n").splitlines() if line.strip()]


def test_columns_that_cannot_be_read_are_left_out_and_named(register: Cli) -> None:
    register.sheet(WORDS)
    register("collect")
    narrow = on_terminal(register, "list", "devices")
    assert [line for line in narrow[:-1] if len(line) > 80] == []
    assert "laptop-of-" in next(line for line in narrow if "D000001" in line)
    assert narrow[-1].startswith("No room for: ")
    assert "last_seen" in narrow[-1]
    wide = on_terminal(register, "list", "devices", columns=250)
    assert not [line for line in wide if "No room" in line]
    assert "laptop-of-the-reception" in next(line for line in wide if "D000001" in line)


def test_columns_asked_for_by_name_are_all_shown(register: Cli) -> None:
    register.sheet(WORDS)
    register("collect")
    asked = "id,name,kind,model,serial,unit_name,use,holder,state,last_seen"
    lines = on_terminal(register, "list", "devices", "--columns", asked)
    assert not [line for line in lines if "No room" in line]
