import base64
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from people_clients import Operator, a_device, an_operator, register

from devreg.demo.control import Control
from devreg.demo.google import Google
from devreg.demo.graph import Graph

COBO = "androidEnterpriseFullyManaged"


@pytest.fixture
def control(graph: Graph, google_api: Google) -> Iterator[Control]:
    register(graph)
    with Control(graph, google_api) as running:
        yield running


def turn(control: Control, what: str, **form: Any) -> requests.Response:
    return requests.post(control.address + what, data=form, timeout=5)


def test_a_person_approves_a_wipe_and_the_page_tells_how_it_goes(graph: Graph, control: Control) -> None:
    operator, row = Operator(graph), a_device(graph, "Android", COBO)
    turn(control, "approval", on="on")
    why = base64.b64encode(b"Kadonnut <b>").decode()
    code = operator.order(row, "wipe", x_msft_approval_justification=why).headers["x-msft-approval-code"]
    page = requests.get(control.address, timeout=5).text
    assert "Kadonnut &lt;b&gt;" in page
    assert turn(control, "approve", code=code).status_code == 200
    assert graph.approvals.requests[0].approver == an_operator(graph, 1)
    assert operator.order(row, "wipe", x_msft_approval_code=code).status_code == 204
    assert (
        f"wipe of {row['deviceName']} {row['serialNumber']}: pending" in requests.get(control.address, timeout=5).text
    )


def test_nobody_approves_their_own_here_either(graph: Graph, control: Control) -> None:
    operator = Operator(graph)
    graph.approvals.on = True
    why = base64.b64encode(b"x").decode()
    code = operator.order(a_device(graph, "Android", COBO), "wipe", x_msft_approval_justification=why).headers[
        "x-msft-approval-code"
    ]
    refused = turn(control, "approve", code=code, by=operator.upn)
    assert (refused.status_code, "Nobody approves their own" in refused.text) == (400, True)
    assert turn(control, "reject", code=code).status_code == 200
    assert graph.approvals.requests[0].status == "rejected"


def test_a_device_goes_off_and_comes_back_by_its_serial_number(
    graph: Graph, google_api: Google, control: Control
) -> None:
    row, book = a_device(graph, "Android", COBO), google_api.customers["C01kaup1a"].devices[0]
    for serial, acts, device_id in (
        (row["serialNumber"], graph.acts, row["id"]),
        (book["serialNumber"], google_api.acts, book["deviceId"]),
    ):
        turn(control, "offline", device=serial.lower())
        assert device_id in acts.offline
        turn(control, "online", device=serial)
        assert device_id not in acts.offline
    assert turn(control, "online", device="no-such").status_code == 400


def test_somebody_takes_a_seat_and_leaves_it(graph: Graph, control: Control) -> None:
    turn(control, "seat", person=an_operator(graph, 1))
    assert graph.entra.people.seated == an_operator(graph, 1)
    turn(control, "seat", person="")
    assert graph.entra.people.seated is None
    assert turn(control, "seat", person="nobody@else.example").status_code == 400


def test_the_next_order_can_be_cut_and_is_in_the_ledger(graph: Graph, control: Control) -> None:
    operator, row = Operator(graph), a_device(graph, "Android", COBO)
    turn(control, "cut", kind="drop_after")
    with pytest.raises(requests.exceptions.ConnectionError):
        operator.order(row, "wipe")
    (deed,) = requests.get(control.address + "deeds", timeout=5).json()
    assert (deed["device"], deed["act"], deed["taken"], deed["status"]) == (row["id"], "wipe", True, 0)
    turn(control, "pass", seconds=90)
    assert "wipe of" in requests.get(control.address, timeout=5).text
    assert operator.read(row)["managementState"] == "wipeIssued"


def test_without_the_secret_nothing_turns(graph: Graph, control: Control) -> None:
    assert requests.post(f"{control.url}/x/approval", data={"on": "on"}, timeout=5).status_code == 404
    assert requests.get(f"{control.url}/x/", timeout=5).status_code == 404
    assert not graph.approvals.on


@pytest.mark.parametrize(
    ("what", "form"), [("explode", {}), ("approve", {}), ("cut", {"kind": "x"}), ("pass", {"seconds": "x"})]
)
def test_what_is_wrong_is_told(control: Control, what: str, form: dict[str, str]) -> None:
    assert turn(control, what, **form).status_code in (400, 404)


def test_the_stand_ins_run_as_a_process_of_their_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "devreg.demo", str(tmp_path), "--devices", "200"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = dict(process.stdout.readline().split(maxsplit=1) for _ in range(3))
        settings = tomllib.loads((tmp_path / "devreg.toml").read_text())
        page = requests.get(told["control"].strip(), timeout=5)
        about = requests.get(settings["sources"]["intune"]["graph_url"], verify=str(tmp_path / "ca.pem"), timeout=5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert (page.status_code, about.status_code) == (200, 200)
    assert "BROWSER=" in told["browser"]
    assert {"intune", "chrome-city"} <= set(settings["actions"])
