"""One request leaves, whatever the other side does; and it is known whether it can have left (contracts/intune.md 9.1)."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collectors.actions.once import Request, send_once
from collectors.http import Answer, Limits
from devreg.action_ports import NotSent, Unclear
from devreg.demo.tls import server_context

LIMITS = Limits(connect_s=1, read_s=1, total_s=2)
OK = b"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n"


class Peer:
    """Answers one connection after another by a function, and keeps every request that arrived whole."""

    def __init__(self, behave: Callable[[socket.socket], None]) -> None:
        self.requests: list[bytes] = []
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection:
                    connection.settimeout(5)
                    while request := read_request(connection):
                        self.requests.append(request)
                        self._behave(connection)

    def close(self) -> None:
        self._listener.close()


def read_request(connection: socket.socket) -> bytes:
    """Head and body of one request; empty when the other side is gone."""
    received = b""
    with contextlib.suppress(OSError):
        while b"\r\n\r\n" not in received:
            received += (chunk := connection.recv(65_536))
            if not chunk:
                return b""
        head, _, body = received.partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        while len(body) < length:
            body += connection.recv(65_536)
        return head + b"\r\n\r\n" + body
    return b""


@pytest.fixture
def peer() -> Iterator[Callable[[Callable[[socket.socket], None]], Peer]]:
    made: list[Peer] = []

    def make(behave: Callable[[socket.socket], None]) -> Peer:
        made.append(Peer(behave))
        return made[-1]

    yield make
    for each in made:
        each.close()


def send(
    port: int, body: bytes | None = b'{"keepUserData":false}', host: str = "127.0.0.1", scheme: str = "http"
) -> object:
    request = Request("POST", f"{scheme}://{host}:{port}/wipe", {"client-request-id": "11"}, body)
    return send_once("intune", request, "Bearer t0ken", LIMITS)


def reply(text: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def drop(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def hang(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.recv(1)


def drip(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            connection.sendall(b"x")
            threading.Event().wait(0.3)


@pytest.mark.parametrize(
    "behave",
    [
        drop,
        reset,
        hang,
        drip,
        reply(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\nhalf"),
        reply(b"not http at all\r\n\r\n"),
        reply(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
        reply(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
        reply(b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"),
        reply(b"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"),
        reply(b"HTTP/1.1 307 There\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
        reply(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<html>sign in!"),
    ],
    ids=["drop", "reset", "hang", "drip", "half", "no-http", "500", "502", "503", "408", "307", "web-page"],
)
def test_whatever_breaks_after_sending_leaves_it_unclear_and_is_sent_no_second_time(
    peer: Callable[..., Peer], behave: Callable[[socket.socket], None]
) -> None:
    there = peer(behave)
    answer = send(there.port)
    assert isinstance(answer, Unclear)
    assert len(there.requests) == 1


@pytest.mark.parametrize("status", [200, 202, 204, 400, 401, 403, 404, 409, 412, 429])
def test_an_answer_that_says_whether_it_was_done_is_given_as_it_is(peer: Callable[..., Peer], status: int) -> None:
    there = peer(reply(b"HTTP/1.1 %d X\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n" % status))
    answer = send(there.port)
    assert isinstance(answer, Answer)
    assert answer.status == status
    assert len(there.requests) == 1


def test_what_nobody_took_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    refused = send(port)
    assert isinstance(refused, NotSent)
    assert "can't be reached" in refused.cause
    assert not refused.cause.startswith("intune:")


def test_a_name_that_nobody_knows_was_not_sent() -> None:
    assert isinstance(send(443, host="no-such-host.invalid"), NotSent)


def test_a_connection_that_does_not_come_about_in_time_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port, waiting = listener.getsockname()[1], []
        for _ in range(4):  # fills the queue of a listener that accepts nobody
            other = socket.socket()
            other.setblocking(False)
            other.connect_ex(("127.0.0.1", port))
            waiting.append(other)
        answer = send(port)
        for other in waiting:
            other.close()
    assert isinstance(answer, NotSent)
    assert "no connection within 1 s" in answer.cause


def test_what_answers_with_a_certificate_that_is_not_trusted_gets_nothing(
    peer: Callable[..., Peer], tmp_path: Path
) -> None:
    context = server_context(tmp_path)
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with context.wrap_socket(connection, server_side=True) as tls:
                    got.append(tls.recv(1))

        threading.Thread(target=serve, daemon=True).start()
        answer = send(listener.getsockname()[1], scheme="https")
    assert isinstance(answer, NotSent)
    assert "is not trusted" in answer.cause
    assert got == []


def test_a_bundle_of_certificates_that_is_none_keeps_everything_here(tmp_path: Path) -> None:
    request = Request("POST", "https://127.0.0.1:9/wipe")
    assert isinstance(send_once("intune", request, "Bearer t", LIMITS, tmp_path / "none.pem"), NotSent)


def test_each_request_has_a_connection_of_its_own(peer: Callable[..., Peer]) -> None:
    """An old one that the other side is closing would make a sure answer an unclear one."""
    there = peer(lambda connection: (connection.sendall(OK), connection.close()))  # type: ignore[func-returns-value]
    for _ in range(3):
        assert isinstance(send(there.port), Answer)
    assert len(there.requests) == 3


def test_an_order_without_a_body_says_so_and_one_with_a_body_is_json(peer: Callable[..., Peer]) -> None:
    there = peer(reply(b"HTTP/1.1 204 OK\r\nConnection: close\r\n\r\n"))
    send(there.port, None)
    send(there.port, b"{}")
    bare, full = (request.lower() for request in there.requests)
    assert b"content-length: 0" in bare
    assert b"content-type" not in bare
    assert b"content-type: application/json" in full
    assert full.endswith(b"\r\n\r\n{}")
    assert b"authorization: bearer t0ken" in full


def test_the_environment_changes_neither_the_way_nor_the_token(
    peer: Callable[..., Peer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    there = peer(reply(b"HTTP/1.1 204 OK\r\nConnection: close\r\n\r\n"))
    assert isinstance(send(there.port), Answer)
    assert b"Bearer t0ken" in there.requests[0]
