import base64
from collections.abc import Callable
from typing import Any

import pytest
import requests
from demo_clients import CLIENT, sign_in
from people_clients import Operator, a_device, an_operator, register

from devreg.demo.entra import App
from devreg.demo.graph import ACTS, PRIVILEGED, READ_DEVICES, Graph
from devreg.demo.graph_approvals import NotYours
from devreg.demo.graph_second_source import WRITE_APPROVALS

WHY = base64.b64encode("Kadonnut bussiin, asia ÄÖ-17".encode()).decode()
COBO = "androidEnterpriseFullyManaged"
BODY = {"keepEnrollmentData": False, "persistEsimDataPlan": False}


@pytest.fixture
def operator(graph: Graph) -> Operator:
    register(graph)
    graph.approvals.on = True
    return Operator(graph)


def ask(operator: Operator, row: dict[str, Any], act: str = "wipe") -> str:
    """Ask for an order; the code of the request."""
    answer = operator.order(row, act, BODY if act == "wipe" else None, x_msft_approval_justification=WHY)
    assert answer.status_code == 412, answer.text
    code: str = answer.headers["x-msft-approval-code"]
    assert code in answer.json()["error"]["message"]
    return code


def resend(operator: Operator, row: dict[str, Any], code: str, body: Any = None) -> requests.Response:
    return operator.order(row, "wipe", BODY if body is None else body, x_msft_approval_code=code)


def status_of(operator: Operator, code: str) -> str:
    query = {"$filter": f"requestId eq '{code}'"}
    (told,) = operator.get("/operationApprovalRequests", root="beta", **query).json()["value"]
    return str(told["status"])


def second(graph: Graph) -> str:
    return an_operator(graph, 1)


@pytest.mark.parametrize("act", ["wipe", "retire", "delete"])
def test_without_a_justification_the_order_is_refused_and_the_header_named(operator: Operator, act: str) -> None:
    row = a_device(operator.graph, "Windows")
    answer = operator.order(row, act)
    assert answer.status_code == 400
    assert "x-msft-approval-justification" in answer.json()["error"]["message"]
    assert operator.read(row)["managementState"] == "managed"


def test_what_is_not_covered_needs_nobody(operator: Operator) -> None:
    assert operator.order(a_device(operator.graph, "Android", COBO), "remoteLock").status_code == 204


def test_approval_alone_executes_nothing_and_the_same_order_then_goes_through_once(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    code = ask(operator, row)
    assert status_of(operator, code) == "needsApproval"
    operator.graph.approvals.approve(code, by=second(operator.graph))
    operator.graph.pass_time(3600)
    assert (status_of(operator, code), operator.read(row)["managementState"]) == ("approved", "managed")
    assert resend(operator, row, code).status_code == 204
    assert (status_of(operator, code), operator.read(row)["managementState"]) == ("completed", "wipePending")
    assert resend(operator, row, code).status_code == 403


def test_the_request_tells_who_why_and_for_what(operator: Operator) -> None:
    code = ask(operator, a_device(operator.graph, "Android", COBO))
    (told,) = operator.get("/operationApprovalRequests", root="beta").json()["value"]
    assert (told["requestId"], told["requestJustification"]) == (code, "Kadonnut bussiin, asia ÄÖ-17")
    assert told["requestor"]["user"]["userPrincipalName"] == operator.upn
    assert told["requiredOperationApprovalPolicyTypes"] == ["deviceWipe"]


def test_sent_again_too_early_it_still_waits(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    code = ask(operator, row)
    again = resend(operator, row, code)
    assert (again.status_code, again.headers["x-msft-approval-code"]) == (412, code)


def test_another_body_or_another_person_is_not_what_was_approved(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    code = ask(operator, row)
    operator.graph.approvals.approve(code, by=second(operator.graph))
    assert resend(operator, row, code, {"keepEnrollmentData": False}).status_code == 400
    assert resend(operator, row, code, dict(reversed(BODY.items()))).status_code == 400
    assert resend(Operator(operator.graph, second(operator.graph)), row, code).status_code == 403
    assert operator.read(row)["managementState"] == "managed"
    assert resend(operator, row, code).status_code == 204


def test_the_code_of_one_device_opens_no_other(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    code = ask(operator, row)
    operator.graph.approvals.approve(code, by=second(operator.graph))
    assert resend(operator, a_device(operator.graph, "Windows"), code).status_code == 400


def test_an_invented_code_opens_nothing(operator: Operator) -> None:
    assert resend(operator, a_device(operator.graph, "Android", COBO), "no-such-code").status_code == 400


def reject(graph: Graph, code: str) -> None:
    graph.approvals.reject(code, by=an_operator(graph, 1), said="Puhelin löytyi")


def cancel(graph: Graph, code: str) -> None:
    graph.approvals.cancel(code, by=an_operator(graph))


def let_expire(graph: Graph, code: str) -> None:
    graph.pass_time(3 * 86400 + 1)


@pytest.mark.parametrize(("end", "status"), [(reject, "rejected"), (cancel, "cancelled"), (let_expire, "expired")])
def test_what_ended_without_approval_stays_shut(
    operator: Operator, end: Callable[[Graph, str], None], status: str
) -> None:
    row = a_device(operator.graph, "Android", COBO)
    code = ask(operator, row)
    end(operator.graph, code)
    assert status_of(operator, code) == status
    assert resend(operator, row, code).status_code == 403
    assert ask(operator, row) != code


def test_an_approved_request_expires_too(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    code = ask(operator, row)
    operator.graph.approvals.approve(code, by=second(operator.graph))
    let_expire(operator.graph, code)
    assert resend(operator, row, code).status_code == 403


def test_one_request_waits_for_a_device_at_most(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    ask(operator, row)
    again = operator.order(row, "delete", x_msft_approval_justification=WHY)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "Conflict")
    assert "x-msft-approval-code" not in again.headers


def test_nobody_approves_their_own_request(operator: Operator) -> None:
    code = ask(operator, a_device(operator.graph, "Android", COBO))
    with pytest.raises(NotYours):
        operator.graph.approvals.approve(code, by=operator.upn)
    with pytest.raises(NotYours):
        operator.graph.approvals.cancel(code, by=second(operator.graph))


@pytest.mark.parametrize("given", ["", "not base64!", base64.b64encode(b"\xff\xfe").decode(),
                                   base64.b64encode(b"x" * 1025).decode()])  # fmt: skip
def test_a_justification_that_says_nothing_is_refused(operator: Operator, given: str) -> None:
    row = a_device(operator.graph, "Android", COBO)
    assert operator.order(row, "wipe", x_msft_approval_justification=given).status_code == 400
    assert operator.graph.approvals.requests == []


@pytest.mark.parametrize("status", [403, 409, 400])
def test_the_statuses_can_be_others(operator: Operator, status: int) -> None:
    operator.graph.approvals.waiting_status = operator.graph.approvals.missing_status = status
    row = a_device(operator.graph, "Android", COBO)
    assert operator.order(row, "wipe").status_code == status
    answer = operator.order(row, "wipe", x_msft_approval_justification=WHY)
    assert (answer.status_code, "x-msft-approval-code" in answer.headers) == (status, True)


def test_the_header_is_ignored_where_nothing_needs_approval(operator: Operator) -> None:
    operator.graph.approvals.on = False
    row = a_device(operator.graph, "Android", COBO)
    assert operator.order(row, "wipe", BODY, x_msft_approval_justification=WHY).status_code == 204


def test_an_app_asks_in_its_own_name_and_its_administrator_can_then_approve(graph: Graph) -> None:
    graph.approvals.on = True
    graph.entra.apps[:] = [App(client_id=CLIENT, roles=(PRIVILEGED, READ_DEVICES), secret="right-secret")]
    row, token = a_device(graph, "Android", COBO), sign_in(graph)["access_token"]
    register(graph)
    acting = Operator(graph, token=token)
    code = ask(acting, row)
    assert graph.approvals.rows()[0]["requestor"]["application"]["id"] == CLIENT
    graph.approvals.approve(code, by=an_operator(graph))
    assert resend(acting, row, code).status_code == 204


def test_an_app_can_be_excluded(graph: Graph) -> None:
    graph.approvals.on = True
    graph.approvals.excluded.add(CLIENT)
    graph.entra.apps[:] = [App(client_id=CLIENT, roles=(PRIVILEGED,), secret="right-secret")]
    token = sign_in(graph)["access_token"]
    register(graph)
    assert Operator(graph, token=token).order(a_device(graph, "Android", COBO), "wipe").status_code == 204


def test_graph_takes_decisions_from_a_second_person_with_the_right_only(operator: Operator) -> None:
    graph = operator.graph
    code = ask(operator, a_device(graph, "Android", COBO))
    address = f"{graph.url}/beta/deviceManagement/operationApprovalRequests/{code}"
    body = {"justification": "Soitin hänelle", "approvalSource": "adminConsole"}
    refused = operator.session.post(f"{address}/approve", json=body, timeout=5)
    register(graph, scopes=(*ACTS, WRITE_APPROVALS))
    own = Operator(graph).session.post(f"{address}/approve", json=body, timeout=5)
    other = Operator(graph, second(graph)).session.post(f"{address}/approve", json=body, timeout=5)
    assert [refused.status_code, own.status_code, other.status_code] == [403, 403, 200]
    (told,) = operator.get("/operationApprovalRequests", root="beta").json()["value"]
    assert (told["status"], told["approver"]["user"]["userPrincipalName"]) == ("approved", second(graph))
