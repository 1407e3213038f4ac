"""The set-up guides end with what the program prints."""

import re
from pathlib import Path

from cli_rig import Cli

from devreg.demo.city import build
from devreg.demo.entra import App
from devreg.demo.graph import READ_LEAVE_DATES, READS, TENANT, Graph
from devreg.demo.tls import application_certificate
from devreg.wiring import now

DOCS = Path(__file__).parent.parent.parent / "docs"
CLIENT = "11111111-2222-4333-8444-555555555555"


def promised(guide: str) -> list[str]:
    """The lines of the guide's last block, as patterns: what differs from city to city stands in angle brackets."""
    block = (DOCS / guide).read_text(encoding="utf-8").split("```text\n")[-1].split("```")[0]
    places = {"<date>": r"\d{4}-\d\d-\d\d", "<tenant id>": TENANT}
    return [
        re.sub("<[a-z ]+>", lambda place: places[place[0]], re.escape(line).replace(r"\ ", " "))
        for line in block.splitlines()
    ]


def test_the_entra_guide_ends_with_what_check_prints(cli: Cli) -> None:
    _, certificate = application_certificate(cli.folder, "intune")
    app = App(client_id=CLIENT, roles=(*READS, READ_LEAVE_DATES), certificate=certificate)
    with Graph(build(200, now=now()), [app], cli.folder) as graph:
        cli.settings(
            f"""
[sources.intune]
kind = "intune"
tenant_id = "{TENANT}"
client_id = "{CLIENT}"
certificate = {{ file = "intune.pem" }}
graph_url = "{graph.url}"
login_url = "{graph.url}"
ca_bundle = "ca.pem"
corporate_identifiers = true
apple_devices = true
leave_dates = true
"""
        )
        printed = [line for line in cli("check", "intune").lines if " intune: " in line]
    lines = promised("setup-entra.md")
    assert len(printed) == len(lines), printed
    for line, pattern in zip(printed, lines, strict=True):
        assert re.fullmatch(pattern, line), (line, pattern)
