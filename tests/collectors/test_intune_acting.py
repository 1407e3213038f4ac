"""Acting on Intune's stand-in with real msal and requests: each order leaves once, whatever happens to it (safety.md 1, 3, 9, 11)."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from acting_rig import CONSOLE, elsewhere, free_port, no_browser, operators, register_console, seat
from collector_rig import hasty, intune, loaded

from collectors.actions.intune import IntuneSender
from collectors.http import Limits
from collectors.intune_follow import IntuneReader
from devreg.action_options import IntuneActions
from devreg.action_ports import (
    Accepted,
    Ask,
    AwaitsApproval,
    Location,
    NotSent,
    Order,
    Rejected,
    Sought,
    Target,
    Unclear,
)
from devreg.demo.graph import ACTS, Graph
from devreg.demo.graph_second_source import READ_APPROVALS
from devreg.demo.server import Fault, FaultKind
from devreg.domain.action import Standing
from devreg.domain.followed import Followed, Reading, Verdict
from devreg.domain.platforms import Mode, RemoteAct
from devreg.domain.settling import judge
from devreg.errors import Broken, Retryable

A, S = RemoteAct, Standing
OURS = "0b5d3a52-0000-4a51-9d0b-6a1f0c9b2e11"
QUICK = Limits(connect_s=2, read_s=1.5, total_s=2.5, tries=2, pause=lambda _: None)


@pytest.fixture
def graph(graph_service: Graph, monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    register_console(graph_service)
    seat(graph_service, operators(graph_service)[0])
    no_browser(monkeypatch)
    return graph_service


@pytest.fixture
def sender(graph: Graph, tmp_path: Path) -> IntuneSender:
    options = IntuneActions.model_validate({"client_id": CONSOLE, "redirect_port": free_port()})
    reading = intune(graph, tmp_path)._options
    made = IntuneSender("intune", options, reading, loaded(tmp_path), Ask(operators(graph)[0], elsewhere(graph)))
    made.limits = QUICK
    made.sign_in(timedelta(minutes=15))
    return made


def phone(graph: Graph, **like: Any) -> dict[str, Any]:
    """An iPhone of the city that is switched on."""
    row: dict[str, Any] = next(
        row for row in graph.devices if row["managementState"] == "managed" and row["id"] not in graph.acts.offline
    )
    row |= {
        "operatingSystem": "iOS",
        "isSupervised": True,
        "deviceEnrollmentType": "appleBulkWithUser",
        "managementAgent": "mdm",
    }
    row |= {"managedDeviceOwnerType": "company"} | like
    return row


def order(row: dict[str, Any], act: RemoteAct = A.WIPE, mode: Mode = Mode.IOS_SUPERVISED, **more: Any) -> Order:
    return Order(act, Target(row["id"], mode), OURS, "Kadonnut bussiin", **more)


def read(
    graph: Graph, folder: Path, row: dict[str, Any], act: RemoteAct, since: datetime, code: str | None = None
) -> Reading:
    reader = IntuneReader("intune", intune(graph, folder)._options, loaded(folder))
    reader.limits = hasty(now=lambda: datetime.fromtimestamp(graph.clock() + graph.ahead, UTC))
    return reader.read(
        Sought(act, Target(row["id"], Mode.IOS_SUPERVISED), row["serialNumber"], since, OURS, None, code)
    )


def now_of(graph: Graph) -> datetime:
    return datetime.fromtimestamp(graph.clock() + graph.ahead, UTC)


def judged(act: RemoteAct, standing: Standing, since: datetime, reading: Reading, seen: bool = False) -> Verdict:
    return judge(Followed(act, Mode.IOS_SUPERVISED, standing, since, seen_pending=seen), reading)


# Looking


def test_a_look_shows_the_one_device_as_it_is_now(graph: Graph, sender: IntuneSender) -> None:
    row = phone(graph, userPrincipalName="Aino.Koski@kaupunki.example")
    live = sender.look(Target(row["id"], Mode.IOS_SUPERVISED))
    assert live is not None
    assert (live.serial, live.ownership, live.mode) == (row["serialNumber"], "company", Mode.IOS_SUPERVISED)
    assert live.user == "aino.koski@kaupunki.example"
    assert live.pending is None
    (asked,) = [entry.target for entry in graph.ledger if f"/managedDevices/{row['id']}" in entry.target]
    assert "location" not in asked.lower()
    assert "passcode" not in asked.lower()


@pytest.mark.parametrize("owner", ["personal", "unknown", "somethingNew", None])
def test_a_look_claims_the_citys_only_for_what_is_called_so(
    graph: Graph, sender: IntuneSender, owner: str | None
) -> None:
    live = sender.look(Target(phone(graph, managedDeviceOwnerType=owner)["id"], Mode.IOS_SUPERVISED))
    assert live is not None
    assert live.ownership == ("personal" if owner == "personal" else None)


@pytest.mark.parametrize(
    "state", ["wipePending", "wipeIssued", "retirePending", "retireIssued", "deletePending", "WIPEPENDING"]
)
def test_a_look_shows_what_is_under_way_already(graph: Graph, sender: IntuneSender, state: str) -> None:
    live = sender.look(Target(phone(graph, managementState=state)["id"], Mode.IOS_SUPERVISED))
    assert live is not None
    assert live.pending == state


def test_a_device_that_is_not_there_is_none_and_one_that_cannot_be_read_is_an_error(
    graph: Graph, sender: IntuneSender
) -> None:
    row = phone(graph)
    assert sender.look(Target("00000000-0000-4a51-9d0b-6a1f0c9b2e11", Mode.IOS)) is None
    graph.faults.append(Fault(path_contains=row["id"], status=503, times=9))
    with pytest.raises(Retryable):
        sender.look(Target(row["id"], Mode.IOS))
    graph.clear_faults()
    graph.faults.append(Fault(path_contains=row["id"], status=200, body=b'{"id":"other","managementState":"managed"}'))
    with pytest.raises(Broken, match="another device"):
        sender.look(Target(row["id"], Mode.IOS))


# Sending


def test_an_order_leaves_once_as_the_person_with_our_own_number(graph: Graph, sender: IntuneSender) -> None:
    row = phone(graph)
    assert sender.send(order(row)) == Accepted()
    (deed,) = graph.deeds.of(row["id"])
    assert (deed.method, deed.act, deed.by, deed.taken) == ("POST", "wipe", operators(graph)[0], True)
    assert deed.client_request_id == OURS
    assert deed.body == b'{"persistEsimDataPlan":false}'
    justification = base64.b64decode(deed.headers["x-msft-approval-justification"]).decode()
    assert justification == "Kadonnut bussiin"


WIPE_FAULTS = {
    "drop": (Fault(kind=FaultKind.DROP, method="POST", path_contains="/wipe"), False),
    "drop_after": (Fault(kind=FaultKind.DROP_AFTER, method="POST", path_contains="/wipe"), True),
    "hang": (Fault(kind=FaultKind.HANG, method="POST", path_contains="/wipe", seconds=4), False),
    "hang_after": (Fault(kind=FaultKind.HANG_AFTER, method="POST", path_contains="/wipe", seconds=4), True),
    "slow": (Fault(kind=FaultKind.SLOW, method="POST", path_contains="/wipe", seconds=4), True),
    "503": (Fault(status=503, method="POST", path_contains="/wipe", times=9), False),
    "503_after": (Fault(kind=FaultKind.STATUS_AFTER, status=503, method="POST", path_contains="/wipe"), True),
    "html": (Fault(kind=FaultKind.HTML, method="POST", path_contains="/wipe"), False),
    "redirect": (
        Fault(kind=FaultKind.REDIRECT, method="POST", path_contains="/wipe", location="https://127.0.0.1:9/"),
        False,
    ),
    "408": (Fault(status=408, method="POST", path_contains="/wipe", times=9), False),
}


@pytest.mark.parametrize("name", sorted(WIPE_FAULTS))
def test_a_wipe_that_breaks_off_is_unclear_and_exactly_one_was_received(
    graph: Graph, sender: IntuneSender, name: str
) -> None:
    fault, _ = WIPE_FAULTS[name]
    row = phone(graph)
    graph.faults.append(fault)
    assert isinstance(sender.send(order(row)), Unclear)
    assert len(graph.deeds.destructive(row["id"])) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 429])
def test_a_wipe_that_is_refused_is_not_tried_again(graph: Graph, sender: IntuneSender, status: int) -> None:
    row = phone(graph)
    graph.faults.append(
        Fault(status=status, method="POST", path_contains="/wipe", times=9, headers={"Retry-After": "0"})
    )
    assert isinstance(sender.send(order(row)), Rejected)
    assert len(graph.deeds.destructive(row["id"])) == 1


@pytest.mark.parametrize(("act", "received"), [(A.WIPE, 1), (A.RETIRE, 1), (A.DELETE, 1), (A.LOCK, 2)])
def test_a_challenge_for_a_new_token_repeats_only_what_harms_nothing(
    graph: Graph, sender: IntuneSender, act: RemoteAct, received: int
) -> None:
    row = phone(graph)
    claims = base64.b64encode(b'{"access_token":{"nbf":{"value":"1"}}}').decode()
    said = {"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{claims}"'}
    method = "DELETE" if act is A.DELETE else "POST"
    graph.faults.append(Fault(status=401, method=method, path_contains=row["id"], headers=said))
    sent = sender.send(order(row, act))
    assert isinstance(sent, Accepted if act is A.LOCK else Rejected)
    assert len(graph.deeds.of(row["id"])) == received


def test_a_tenant_that_takes_no_more_wipes_today_is_asked_once(graph: Graph, sender: IntuneSender) -> None:
    graph.acts.caps["wipe"] = 0
    row = phone(graph)
    sent = sender.send(order(row))
    assert isinstance(sent, Rejected)
    assert sent.cause.startswith("Intune takes no more orders now, or today (TooManyRequests")
    assert len(graph.deeds.destructive()) == 1


def test_an_unsupported_order_is_told_in_words_though_intune_gives_no_reason(
    graph: Graph, sender: IntuneSender
) -> None:
    row = phone(graph)
    graph.acts.in_lost_mode.discard(row["id"])
    sent = sender.send(order(row, A.PLAY_SOUND))
    assert isinstance(sent, Rejected)
    assert sent.cause.startswith("Intune does not do this on this device (BadRequest: An error has occurred")


def test_a_person_without_the_right_is_told_so_and_nothing_is_done(graph: Graph, sender: IntuneSender) -> None:
    row = phone(graph)
    graph.faults.append(
        Fault(
            status=403, method="POST", path_contains="/wipe", body=b'{"error":{"code":"Forbidden","message":"no role"}}'
        )
    )
    sent = sender.send(order(row))
    assert sent == Rejected("you have no right, role or scope in Intune for it (Forbidden: no role)")


def test_without_a_token_nothing_leaves(graph: Graph, sender: IntuneSender) -> None:
    register_console(graph, scopes=tuple(scope for scope in ACTS if "ReadWrite" not in scope))
    row = phone(graph)
    seat(graph, None)
    sender._person.patience_s = 1
    assert isinstance(sender.send(order(row, A.DELETE)), NotSent)
    assert graph.deeds.of(row["id"]) == []


def test_a_deletion_is_one_delete(graph: Graph, sender: IntuneSender) -> None:
    row = phone(graph)
    assert sender.send(order(row, A.DELETE)) == Accepted()
    (deed,) = graph.deeds.destructive(row["id"])
    assert (deed.method, deed.act, deed.body) == ("DELETE", "delete", b"")


@pytest.mark.parametrize(
    ("act", "word"), [(A.LOCK, "remoteLock"), (A.LOST_MODE, "enableLostMode"), (A.SYNC, "syncDevice"), (A.REBOOT, "rebootNow")]
)  # fmt: skip
def test_what_harms_nothing_is_sent_once_too(graph: Graph, sender: IntuneSender, act: RemoteAct, word: str) -> None:
    row = phone(graph)
    assert sender.send(order(row, act, options={"message": "Palauta"})) == Accepted()
    graph.faults.append(Fault(kind=FaultKind.DROP_AFTER, method="POST"))
    assert isinstance(sender.send(order(row, act, options={"message": "Palauta"})), Unclear)
    assert [deed.act for deed in graph.deeds.of(row["id"])] == [word, word]


# where a device is


def test_where_a_device_is_is_told_only_of_what_was_asked_for_since(graph: Graph, sender: IntuneSender) -> None:
    row = phone(graph)
    target, asked = Target(row["id"], Mode.IOS_SUPERVISED), datetime(2026, 11, 20, 12, tzinfo=UTC)

    def told(*entries: object) -> Location | None:
        row["deviceActionResults"] = list(entries)
        return sender.location(target, asked)

    def entry(at: str, place: object, name: str = "locateDevice") -> dict[str, object]:
        return {"actionName": name, "actionState": "done", "startDateTime": at, "deviceLocation": place}

    place = {
        "latitude": 60.1,
        "longitude": 24.9,
        "horizontalAccuracy": 12,
        "lastCollectedDateTime": "2026-11-20T12:01:00Z",
    }
    late, early = "2026-11-20T12:00:30Z", "2026-11-19T12:00:00Z"
    at = datetime(2026, 11, 20, 12, 1, tzinfo=UTC)
    assert told(entry(early, {**place, "latitude": 1}), entry(late, place)) == Location(60.1, 24.9, 12.0, at)
    assert told(entry(early, place)) is None, "what a kiosk carries without being asked"
    assert told(entry(late, None)) is None
    assert told(entry(late, place, "remoteLock"), 7, {"actionName": "locateDevice"}) is None
    for odd in ({"latitude": "60"}, {"latitude": None}, {"latitude": 91}, {"longitude": True}, {"longitude": -181}):
        assert told(entry(late, place | odd)) is None, odd
    assert sender.location(Target("00000000-0000-4000-8000-000000000000", Mode.IOS_SUPERVISED), asked) is None


# Multi Admin Approval


@pytest.mark.parametrize("status", [400, 403, 409, 412])
def test_an_order_that_a_second_admin_must_approve_is_resent_byte_by_byte(
    graph: Graph, sender: IntuneSender, status: int
) -> None:
    graph.approvals.on, graph.approvals.waiting_status = True, status
    row = phone(graph)
    asked = sender.send(order(row))
    assert isinstance(asked, AwaitsApproval)
    assert row["managementState"] == "managed"
    graph.approvals.approve(asked.code, by=operators(graph)[1])
    again = msgspec.structs.replace(order(row), approval_code=asked.code)
    assert sender.send(again) == Accepted()
    first, second = graph.deeds.destructive(row["id"])
    assert (first.method, first.target, first.body) == (second.method, second.target, second.body)
    assert (first.taken, second.taken) == (False, True)
    assert second.headers["x-msft-approval-code"] == asked.code
    assert "x-msft-approval-justification" not in second.headers
    assert row["managementState"] == "wipePending"


def test_an_order_that_is_resent_before_it_is_approved_goes_on_waiting(graph: Graph, sender: IntuneSender) -> None:
    graph.approvals.on = True
    row = phone(graph)
    asked = sender.send(order(row))
    assert isinstance(asked, AwaitsApproval)
    assert sender.send(msgspec.structs.replace(order(row), approval_code=asked.code)) == asked
    assert isinstance(sender.send(order(row)), Rejected)
    assert row["managementState"] == "managed"


@pytest.mark.parametrize(
    ("decide", "standing"),
    [
        (lambda approvals, code, by: None, None),
        (lambda approvals, code, by: approvals.approve(code, by=by[1]), None),
        (lambda approvals, code, by: approvals.reject(code, by=by[1]), S.REJECTED),
        (lambda approvals, code, by: approvals.cancel(code, by=by[0]), S.CANCELLED),
    ],
    ids=["waiting", "approved", "rejected", "cancelled"],
)
def test_what_the_second_admin_said_is_read_with_the_reading_app(
    graph: Graph, sender: IntuneSender, tmp_path: Path, decide: Any, standing: Standing | None
) -> None:
    reading_app = next(app for app in graph.entra.apps if app.client_id != CONSOLE)
    graph.entra.apps[graph.entra.apps.index(reading_app)] = msgspec.structs.replace(
        reading_app, roles=(*reading_app.roles, READ_APPROVALS)
    )
    graph.approvals.on = True
    row, since = phone(graph), now_of(graph)
    asked = sender.send(order(row))
    assert isinstance(asked, AwaitsApproval)
    decide(graph.approvals, asked.code, operators(graph))
    verdict = judged(A.WIPE, S.NEEDS_APPROVAL, since, read(graph, tmp_path, row, A.WIPE, since, asked.code))
    assert verdict.standing is standing
    graph.pass_time(3 * 86_400 + 60)
    late = judged(A.WIPE, S.NEEDS_APPROVAL, since, read(graph, tmp_path, row, A.WIPE, since, asked.code))
    assert late.standing is (standing or S.EXPIRED)


# Following


@pytest.mark.parametrize("name", ["drop_after", "503_after", "drop"])
def test_what_became_of_an_unclear_wipe_is_found_by_reading(
    graph: Graph, sender: IntuneSender, tmp_path: Path, name: str
) -> None:
    fault, arrived = WIPE_FAULTS[name]
    row, since = phone(graph), now_of(graph)
    graph.faults.append(fault)
    sender.send(order(row))
    verdict = judged(A.WIPE, S.UNKNOWN, since, read(graph, tmp_path, row, A.WIPE, since))
    assert verdict.standing is (S.ACCEPTED if arrived else None)
    assert len(graph.deeds.destructive(row["id"])) == 1


def test_a_wipe_is_followed_to_the_end_of_its_record(graph: Graph, sender: IntuneSender, tmp_path: Path) -> None:
    row, since = phone(graph), now_of(graph)
    sender.send(order(row))
    standing, seen, path = S.ACCEPTED, False, []
    for _ in range(40):
        reading = read(graph, tmp_path, row, A.WIPE, since)
        verdict = judged(A.WIPE, standing, since, reading, seen)
        seen = verdict.seen_pending
        path.append((reading.is_there, verdict.standing))
        if verdict.standing is not None:
            break
        graph.pass_time(600)
    assert path[0] == (True, None)
    assert path[-1][1] is S.CONFIRMED


def test_a_wipe_of_a_phone_that_stays_off_is_never_called_done(
    graph: Graph, sender: IntuneSender, tmp_path: Path
) -> None:
    row, since = phone(graph), now_of(graph)
    graph.acts.offline.add(row["id"])
    sender.send(order(row))
    for _ in range(5):
        graph.pass_time(20 * 86_400)
        verdict = judged(A.WIPE, S.ACCEPTED, since, read(graph, tmp_path, row, A.WIPE, since), True)
        assert verdict.standing is None


@pytest.mark.parametrize(
    ("outcome", "standing"), [("failed", S.FAILED), ("notSupported", S.FAILED), ("canceled", S.CANCELLED)]
)
def test_a_lock_that_the_device_does_not_carry_out_is_not_called_done(
    graph: Graph, sender: IntuneSender, tmp_path: Path, outcome: str, standing: Standing
) -> None:
    row, since = phone(graph), now_of(graph)
    graph.acts.remember(row, "remoteLock", "done", graph.clock() - 86_400)
    graph.acts.outcomes[(row["id"], "remoteLock")] = outcome
    sender.send(order(row, A.LOCK))
    assert judged(A.LOCK, S.ACCEPTED, since, read(graph, tmp_path, row, A.LOCK, since)).standing is None
    graph.pass_time(3_600)
    assert judged(A.LOCK, S.ACCEPTED, since, read(graph, tmp_path, row, A.LOCK, since)).standing is standing


def test_an_old_lock_in_the_history_confirms_no_new_one(graph: Graph, sender: IntuneSender, tmp_path: Path) -> None:
    row, since = phone(graph), now_of(graph)
    graph.acts.remember(row, "remoteLock", "done", graph.clock() - 86_400)
    graph.acts.offline.add(row["id"])
    sender.send(order(row, A.LOCK))
    reading = read(graph, tmp_path, row, A.LOCK, since)
    assert sorted(entry.state for entry in reading.results if entry.name == "remoteLock") == ["done", "pending"]
    assert judged(A.LOCK, S.ACCEPTED, since, reading).standing is None


def test_what_reads_cannot_act(graph: Graph, tmp_path: Path) -> None:
    """The reading app's token at an action's address: refused by the service, and no reader has such a request anyway."""
    row, since = phone(graph), now_of(graph)
    read(graph, tmp_path, row, A.WIPE, since)
    assert graph.deeds.of(row["id"]) == []
