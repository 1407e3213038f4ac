"""The set-up guides end with what the program prints."""

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from cli_rig import CONSOLE, READER, Cli, acting_on
from mail_rig import free_port

from devreg.demo.city import build
from devreg.demo.entra import App
from devreg.demo.google import Google
from devreg.demo.google_login import MORE_SCOPES, READ_SCOPES, new_account, write_key
from devreg.demo.graph import ACTS, READ_LEAVE_DATES, READS, TENANT, Graph
from devreg.demo.tls import application_certificate
from devreg.wiring import now

DOCS = Path(__file__).parent.parent.parent / "docs"
SNMPD = shutil.which("snmpd") or ("/usr/sbin/snmpd" if Path("/usr/sbin/snmpd").exists() else None)
ACTING_SCOPES = ("admin.directory.device.chromeos", "admin.directory.device.mobile.action", "cloud-identity.devices")


def promised(guide: str, *headings: str) -> list[str]:
    """The lines of what is printed below the headings (without any: in the last block), as patterns: what differs from city to city
    stands in angle brackets."""
    text = (DOCS / guide).read_text(encoding="utf-8")
    parts = [text.split(heading)[1].split("\n## ")[0] for heading in headings] or [text]
    lines = [line for part in parts for line in part.split("```text\n")[-1].split("```")[0].splitlines()]
    places = {
        "<date>": r"\d{4}-\d\d-\d\d", "<tenant id>": TENANT, "<n>": r"\d+", "<targets>": r"\S+",
        "<number>": r"[1-9]\d*", "<subject>": "registry@kaupunki.example",
        "<customer id>": "C01kaup1a", "<domain>": "kaupunki.example",
        "<host>": r"localhost:\d+", "<acting subject>": "registry@kaupunki.example",
    }  # fmt: skip
    return [re.sub("<[a-z ]+>", lambda place: places[place[0]], re.escape(line).replace(r"\ ", " ")) for line in lines]


def block(guide: str, heading: str, language: str) -> str:
    """The first block of a language below a heading."""
    below = (DOCS / guide).read_text(encoding="utf-8").split(heading)[1]
    return below.split(f"```{language}\n")[1].split("```")[0]


def test_the_entra_guide_ends_with_what_check_prints(cli: Cli) -> None:
    _, certificate = application_certificate(cli.folder, "intune")
    app = App(client_id=READER, roles=(*READS, READ_LEAVE_DATES), certificate=certificate)
    acting = App(client_id=CONSOLE, scopes=ACTS, redirect_uris=("http://localhost:8400",))
    with Graph(build(200, now=now()), [app, acting], cli.folder) as graph:
        wanted = ("corporate_identifiers", "apple_devices", "registrations", "leave_dates", "approvals")
        more = (f"{name} = true" for name in wanted)
        cli.settings(acting_on(graph.url, TENANT, free_port(), *more, credential="certificate"))
        printed = [line for line in cli("check", "intune").lines if " intune: " in line]
    assert_promised(printed, "setup-entra.md", "## 5.", "## 9.")


def test_the_google_guide_ends_with_what_check_prints(cli: Cli) -> None:
    with Google(build(200, now=now()).consoles, cli.folder) as google:
        google.account("chrome-city").delegated["C01kaup1a"] = (*READ_SCOPES, *MORE_SCOPES)
        acting = new_account("chrome-city-manage", {"C01kaup1a": ACTING_SCOPES})
        google.login.accounts.append(acting)
        write_key(acting, cli.folder / "chrome-city-manage.json", f"{google.url}/token")
        cli.settings(
            f"""
[sources.chrome-city]
kind = "google"
customer_id = "C01kaup1a"
subject = "registry@kaupunki.example"
key = {{ file = "chrome-city.json" }}
admin_url = "{google.url}"
chromemanagement_url = "{google.url}"
cloudidentity_url = "{google.url}"
users = true
company_phones = true
personal_phones = true
battery = true
aue_report = true
[actions.chrome-city]
key = {{ file = "chrome-city-manage.json" }}
subject = "registry@kaupunki.example"
"""
        )
        printed = [line for line in cli("check", "chrome-city").lines if " chrome-city: " in line]
    assert_promised(printed, "setup-google.md", "## 5.", "## 7.")


def assert_promised(printed: list[str], guide: str, *headings: str) -> None:
    lines = promised(guide, *headings)
    assert len(printed) == len(lines), printed
    for line, pattern in zip(printed, lines, strict=True):
        assert re.fullmatch(pattern, line), (line, pattern)


@pytest.mark.skipif(SNMPD is None, reason="snmpd is not installed")
def test_the_snmp_guides_agent_and_settings_give_what_check_must_print(cli: Cli) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{free.getsockname()[1]}"
    (cli.folder / "var").mkdir()
    configured = block("setup-snmp.md", "### Linux and others with net-snmp", "text").replace(
        "udp:161", f"udp:{target}"
    )
    (cli.folder / "snmpd.conf").write_text(configured)
    for name, key in (("snmp-auth.secret", "AUTH-KEY"), ("snmp-priv.secret", "PRIV-KEY")):
        (cli.folder / name).touch(mode=0o600)
        (cli.folder / name).write_text(key)
    cli.settings(block("setup-snmp.md", "## 2. The settings", "toml").replace("10.20.0.0/24", target))
    arguments = ["-f", "-Lf", "log", "-C", "-c", "snmpd.conf", "-p", "pid"]
    agent = subprocess.Popen(
        [str(SNMPD), *arguments],
        cwd=cli.folder,
        env={"SNMP_PERSISTENT_DIR": str(cli.folder / "var"), "PATH": "/usr/sbin:/usr/bin"},
    )
    try:
        printed = _lines_once_it_answers(cli)
    finally:
        agent.kill()
        agent.wait()
    (pattern,) = promised("setup-snmp.md")
    assert [line for line in printed if re.fullmatch(pattern, line)] == printed, printed
    assert printed


def _lines_once_it_answers(cli: Cli) -> list[str]:
    for _ in range(10):
        printed = [line for line in cli("check", "network").lines if " network: " in line]
        if printed and "✗" not in printed[0]:
            break
    return printed
