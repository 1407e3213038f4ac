"""What the HTTP stand-ins share: loopback only, a ledger of requests, scripted faults."""

import gzip
import ipaddress
import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Final, Self
from urllib.parse import parse_qsl, urlsplit

import msgspec

from devreg.demo.deeds import Deed, Deeds

SERVER_NAME: Final = "devreg-demo-stand-in"
PATIENCE_S: Final = 30.0
"""How long a silent client keeps its connection."""
_PORTAL: Final = b"<!DOCTYPE html><html><body>Sign in to the network</body></html>"


class NotLoopback(ValueError):
    """A stand-in was asked to listen where others could reach it."""


def loopback(host: str) -> str:
    """The host when it is a loopback address; raises NotLoopback for every other, names included."""
    try:
        safe = ipaddress.ip_address(host).is_loopback
    except ValueError:
        safe = False
    if not safe:
        raise NotLoopback(f"A stand-in listens on a loopback address such as 127.0.0.1 only, not on {host!r}.")
    return host


class Request(msgspec.Struct, frozen=True):
    """One HTTP request as received."""

    method: str
    target: str
    """Path and query, undecoded."""
    headers: dict[str, str]
    """Lower-case names."""
    body: bytes

    @property
    def path(self) -> str:
        """Path without query, still percent-encoded."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """Decoded query; the last value of a repeated name; empty values kept."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The body as a submitted form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


class Reply(msgspec.Struct, frozen=True):
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def json_reply(status: int, document: Any, **headers: str) -> Reply:
    """A JSON answer; underscores in header names stand for hyphens."""
    named = {"Content-Type": "application/json; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return Reply(status, named, _json(document))


class FaultKind(StrEnum):
    """How an answer goes wrong."""

    STATUS = "status"
    """Another status, headers and body instead of the answer; nothing is processed."""
    HTML = "html"
    """200 with a page of HTML, as proxies and captive portals do."""
    TRUNCATE = "truncate"
    """The right length announced, half of the body sent."""
    DROP = "drop"
    """Connection closed without an answer, nothing processed."""
    DROP_AFTER = "drop_after"
    """Processed, then the connection is closed without an answer."""
    DRIP = "drip"
    """One byte at a time, `seconds` apart."""
    STATUS_AFTER = "status_after"
    """Processed, then answered with another status, as a gateway does that lost patience."""
    HANG = "hang"
    """Silence for `seconds`, then the connection is closed; nothing processed."""
    HANG_AFTER = "hang_after"
    """Processed, then silence for `seconds`, then the connection is closed."""
    SLOW = "slow"
    """The right answer, `seconds` late."""
    REDIRECT = "redirect"
    """302 to `location`."""
    FOREIGN_NEXTLINK = "foreign_nextlink"
    """The right page, its continuation pointing to `location`."""
    REPEAT_NEXTLINK = "repeat_nextlink"
    """The right page, its continuation pointing to itself."""


UNPROCESSED: Final = (FaultKind.STATUS, FaultKind.HTML, FaultKind.DROP, FaultKind.HANG, FaultKind.REDIRECT)
"""Faults that strike before the service has seen the request."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One scripted fault: the requests whose target contains `path_contains`, from the `after`+1st on, `times` times."""

    kind: FaultKind = FaultKind.STATUS
    method: str = ""
    """POST, say; empty: any."""
    path_contains: str = ""
    after: int = 0
    times: int = 1
    status: int = 500
    headers: dict[str, str] = {}
    body: bytes = b""
    seconds: float = 60.0
    location: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One line of the ledger; `status` 0 is a connection dropped on purpose."""

    method: str
    target: str
    status: int


class StandIn:
    """One HTTP server on a free loopback port; a subclass answers in `respond`.

    Append to `faults` at any time; `clear_faults` forgets them. `ledger` holds every request in the order they were answered.
    """

    about: ClassVar[str]
    """What the root path says."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.ledger: list[Entry] = []
        self.faults: list[Fault] = []
        self.clock: Callable[[], float] = time.time
        """Seconds since 1970; a test puts another in to let tokens expire."""
        self.ahead = 0.0
        """Seconds by which the devices' time runs ahead of `clock`; tokens do not age with it."""
        self.deeds = Deeds()
        """Every order to a device."""
        self._struck: dict[int, int] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = _Server((loopback(host), port), self, tls)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True, name=type(self).__name__
        )

    @property
    def url(self) -> str:
        """Root address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Listen and answer in threads of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening; hanging answers are let go."""
        self._stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def respond(self, request: Request) -> Reply:
        """The answer of the service."""
        raise NotImplementedError

    def misdirect(self, document: dict[str, Any], request: Request, fault: Fault) -> None:
        """Bend the continuation of a page, in place."""
        raise NotImplementedError

    def deeds_of(self, request: Request) -> list[Deed]:
        """The request as orders to devices."""
        return []

    def was_taken(self, deed: Deed, reply: Reply) -> bool:
        """Whether the service took an order that it answered so."""
        return reply.status < 300

    def world_time(self) -> float:
        """The devices' time, in seconds since 1970."""
        return self.clock() + self.ahead

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the devices."""
        self.ahead += seconds

    def handle(self, request: Request) -> tuple[Reply | None, Fault | None]:
        """The answer and the fault that strikes it; None: close without an answer."""
        fault = self._strike(request)
        deeds = self.deeds_of(request)
        own = None if fault and fault.kind in UNPROCESSED else self._own_answer(request)
        reply = self._struck_answer(own, request, fault) if fault else own
        status = reply.status if reply else 0
        with self._lock:
            self.ledger.append(Entry(request.method, request.target, status))
        for deed in deeds:
            taken = own is not None and self.was_taken(deed, own)
            self.deeds.add(msgspec.structs.replace(deed, taken=taken, status=status))
        return reply, fault

    def wait(self, seconds: float) -> bool:
        """Sleep for a fault; True when the stand-in is being stopped."""
        return self._stopping.wait(seconds)

    def _struck_answer(self, own: Reply | None, request: Request, fault: Fault) -> Reply | None:
        match fault.kind:
            case FaultKind.STATUS | FaultKind.STATUS_AFTER:
                return Reply(fault.status, fault.headers, fault.body)
            case FaultKind.HTML:
                return Reply(200, {"Content-Type": "text/html"}, _PORTAL)
            case FaultKind.REDIRECT:
                return Reply(302, {"Location": fault.location}, b"")
            case FaultKind.DROP | FaultKind.DROP_AFTER | FaultKind.HANG | FaultKind.HANG_AFTER:
                return None
            case FaultKind.FOREIGN_NEXTLINK | FaultKind.REPEAT_NEXTLINK:
                page = own or Reply(204, {}, b"{}")
                document = json.loads(page.body)
                self.misdirect(document, request, fault)
                return msgspec.structs.replace(page, body=_json(document))
            case FaultKind.TRUNCATE | FaultKind.DRIP | FaultKind.SLOW:
                return own

    def _own_answer(self, request: Request) -> Reply:
        if request.path == "/":
            return Reply(200, {"Content-Type": "text/plain; charset=utf-8"}, self.about.encode())
        return self.respond(request)

    def _strike(self, request: Request) -> Fault | None:
        with self._lock:
            for index, fault in enumerate(self.faults):
                if fault.path_contains not in request.target or fault.method not in ("", request.method):
                    continue
                seen = self._struck.get(index, 0)
                self._struck[index] = seen + 1
                if fault.after <= seen < fault.after + fault.times:
                    return fault
        return None

    def clear_faults(self) -> None:
        """Forget every scripted fault and its counters."""
        with self._lock:
            self.faults.clear()
            self._struck.clear()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], stand_in: StandIn, tls: ssl.SSLContext | None) -> None:
        self.stand_in = stand_in
        self._tls = tls
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, peer = super().get_request()
        connection.settimeout(PATIENCE_S)
        if self._tls is not None:
            # The handshake happens in the connection's own thread: a client that never finishes it must not stop the others.
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, peer

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients that give up in the middle are part of the tests; anything else is a fault of the stand-in and is shown.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    def version_string(self) -> str:
        """What the Server header says."""
        return SERVER_NAME

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name http.server gives it
        """The ledger is the log."""

    def serve(self) -> None:
        """One request, whatever its method."""
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        stand_in = self.server.stand_in
        reply, fault = stand_in.handle(request)
        kind = fault.kind if fault else None
        if fault and kind in (FaultKind.HANG, FaultKind.HANG_AFTER, FaultKind.SLOW):
            stand_in.wait(fault.seconds)
        if reply is None:
            self.close_connection = True
            return
        self._send(reply, headers, fault)

    def _send(self, reply: Reply, asked: dict[str, str], fault: Fault | None) -> None:
        body, extra = _packed(reply, asked)
        self.send_response(reply.status)
        for name, value in (reply.headers | extra | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        for piece in self._pieces(body if self.command != "HEAD" else b"", fault):
            self.wfile.write(piece)
            self.wfile.flush()

    def _pieces(self, body: bytes, fault: Fault | None) -> Iterator[bytes]:
        match fault.kind if fault else None:
            case FaultKind.TRUNCATE:
                self.close_connection = True
                yield body[: len(body) // 2]
            case FaultKind.DRIP:
                for index in range(len(body)):
                    if self.server.stand_in.wait(fault.seconds if fault else 0):
                        break
                    yield body[index : index + 1]
            case _:
                yield body


for _method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
    setattr(_Handler, f"do_{_method}", _Handler.serve)


def _packed(reply: Reply, asked: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """The body compressed when the client takes gzip, as both services do."""
    if len(reply.body) < 1024 or "gzip" not in asked.get("accept-encoding", ""):
        return reply.body, {}
    return gzip.compress(reply.body, compresslevel=1, mtime=0), {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
