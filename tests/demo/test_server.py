import ast
import socket
import ssl
import time
from pathlib import Path

import pytest
import requests

import devreg.demo
from devreg.demo.agents import Agents
from devreg.demo.city import City
from devreg.demo.google import Google
from devreg.demo.graph import Graph
from devreg.demo.server import Fault, FaultKind, NotLoopback, Reply, Request, StandIn, json_reply


class Echo(StandIn):
    about = "an echo"

    def respond(self, request: Request) -> Reply:
        return json_reply(200, {"target": request.target, "padding": "x" * 2000})


@pytest.fixture
def echo():  # type: ignore[no-untyped-def]
    with Echo() as stand_in:
        yield stand_in


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "192.168.1.5", "10.0.0.1", "::", "example.com", "", "localhost.example.com"]
)
def test_nothing_listens_beyond_loopback(host: str, city: City, tmp_path: Path) -> None:
    with pytest.raises(NotLoopback):
        Echo(host)
    with pytest.raises(NotLoopback):
        Graph(city, [], tmp_path, host=host)
    with pytest.raises(NotLoopback):
        Google(city.consoles, tmp_path, host=host)
    with pytest.raises(NotLoopback):
        Agents(city.network, tmp_path, tmp_path, host=host)


def test_the_root_says_plainly_what_it_is(graph: Graph, google_api: Google) -> None:
    answers = (
        requests.get(f"{graph.url}/", verify=str(graph.ca_bundle), timeout=5),
        requests.get(f"{google_api.url}/", timeout=5),
    )
    for answer, owner in zip(answers, ("Microsoft", "Google"), strict=True):
        assert f"It is not {owner}'s" in answer.text
        assert "stand-in" in answer.text


def test_every_answer_names_the_stand_in_as_its_server(echo: Echo) -> None:
    assert requests.get(f"{echo.url}/x", timeout=5).headers["Server"] == "devreg-demo-stand-in"


def test_the_ledger_holds_every_request_in_order(echo: Echo) -> None:
    requests.get(f"{echo.url}/a?b=1", timeout=5)
    requests.post(f"{echo.url}/c", data="d", timeout=5)
    assert [(entry.method, entry.target, entry.status) for entry in echo.ledger] == [
        ("GET", "/a?b=1", 200),
        ("POST", "/c", 200),
    ]


def test_a_fault_strikes_the_requests_it_was_scripted_for_and_no_others(echo: Echo) -> None:
    echo.faults.append(
        Fault(path_contains="/a", after=1, times=2, status=503, headers={"Retry-After": "7"}, body=b"busy")
    )
    assert [requests.get(f"{echo.url}/{path}", timeout=5).status_code for path in "abaaa"] == [200, 200, 503, 503, 200]
    echo.clear_faults()
    assert requests.get(f"{echo.url}/a", timeout=5).status_code == 200


def test_a_status_fault_carries_its_headers_and_body(echo: Echo) -> None:
    echo.faults.append(Fault(status=429, headers={"Retry-After": "7"}, body=b"busy"))
    answer = requests.get(f"{echo.url}/a", timeout=5)
    assert (answer.headers["Retry-After"], answer.text) == ("7", "busy")


def test_a_page_of_html_comes_with_status_200(echo: Echo) -> None:
    echo.faults.append(Fault(kind=FaultKind.HTML))
    answer = requests.get(f"{echo.url}/a", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")


@pytest.mark.parametrize("kind", [FaultKind.TRUNCATE, FaultKind.DROP, FaultKind.DROP_AFTER])
def test_a_broken_connection_is_an_error_to_the_client_and_the_next_request_works(echo: Echo, kind: FaultKind) -> None:
    echo.faults.append(Fault(kind=kind))
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.get(f"{echo.url}/a", timeout=5)
    assert requests.get(f"{echo.url}/a", timeout=5).status_code == 200


def test_a_hanging_answer_outlasts_the_clients_patience(echo: Echo) -> None:
    echo.faults.append(Fault(kind=FaultKind.HANG, seconds=60))
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{echo.url}/a", timeout=0.2)


def test_a_hanging_answer_ends_when_the_stand_in_stops() -> None:
    echo = Echo().start()
    echo.faults.append(Fault(kind=FaultKind.HANG, seconds=60))
    with socket.create_connection(("127.0.0.1", echo.port), timeout=3) as waiting:
        waiting.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        while not echo.ledger:
            time.sleep(0.01)
        echo.stop()
        assert waiting.recv(1) == b""


def test_a_slow_answer_is_late_but_right(echo: Echo) -> None:
    echo.faults.append(Fault(kind=FaultKind.SLOW, seconds=0.3))
    began = time.perf_counter()
    assert requests.get(f"{echo.url}/a", timeout=5).json()["target"] == "/a"
    assert time.perf_counter() - began > 0.3


def test_a_dripping_answer_keeps_coming_byte_by_byte(echo: Echo) -> None:
    echo.faults.append(Fault(kind=FaultKind.DRIP, seconds=0.02))
    with requests.get(f"{echo.url}/a", timeout=1, stream=True) as answer:
        began = time.perf_counter()
        assert len(answer.raw.read(5)) == 5
        assert time.perf_counter() - began > 0.08


def test_a_redirect_points_where_the_test_says(echo: Echo) -> None:
    echo.faults.append(Fault(kind=FaultKind.REDIRECT, location="http://127.0.0.1:9/"))
    answer = requests.get(f"{echo.url}/a", timeout=5, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/")


def test_bodies_are_compressed_only_for_clients_that_take_it(echo: Echo) -> None:
    assert requests.get(f"{echo.url}/a", timeout=5).headers["Content-Encoding"] == "gzip"
    assert (
        "Content-Encoding"
        not in requests.get(f"{echo.url}/a", timeout=5, headers={"Accept-Encoding": "identity"}).headers
    )


def test_a_client_that_never_finishes_its_handshake_does_not_stop_the_others(graph: Graph) -> None:
    with socket.create_connection(("127.0.0.1", graph.port)):
        assert requests.get(f"{graph.url}/", verify=str(graph.ca_bundle), timeout=2).status_code == 200


def test_the_certificate_is_trusted_through_its_own_authority_only(graph: Graph) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{graph.url}/", timeout=2)
    context = ssl.create_default_context(cafile=str(graph.ca_bundle))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    for name in ("localhost", "127.0.0.1"):
        with (
            socket.create_connection(("127.0.0.1", graph.port)) as plain,
            context.wrap_socket(plain, server_hostname=name) as secure,
        ):
            assert secure.version() in ("TLSv1.2", "TLSv1.3")


def test_the_stand_ins_share_no_code_with_their_clients() -> None:
    folder = Path(devreg.demo.__path__[0])
    imported = {
        name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    ours = {name for name in imported if name.split(".")[0] in ("devreg", "collectors", "tui", "exports")}
    assert {name for name in ours if not name.startswith("devreg.demo")} == {"devreg.domain.device"}
    assert not {"msal", "requests", "google"} & {name.split(".")[0] for name in imported}
