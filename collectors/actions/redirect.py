"""The way back from the browser: one port of this machine that takes the answer of one sign-in. Source: RFC 8252, 7.3 and 8.3."""

import os
import queue
import sys
import threading
import webbrowser
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl

from devreg.errors import Misconfigured
from devreg.i18n import Catalogue, spoken

_LARGEST: Final = 65_536
_SILENCE_S: Final = 10
_GLANCE_S: Final = 0.1
"""How often it is looked whether the person gave up."""


class Redirect:
    """Listens on the loopback address while a person signs in; open it before the browser."""

    def __init__(self, source: str, port: int) -> None:
        """Raises Misconfigured when the port is taken."""
        try:
            self._server = _Server(port, spoken())
        except OSError as error:
            raise Misconfigured(
                f"{source}: port {port} of this machine is in use, so the browser can't come back to it.",
                next_step=f"Wait until another sign-in is over, or set redirect_port in actions.{source}.",
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_GLANCE_S,), daemon=True)

    def expect(self, address: str, state: str) -> str:
        """A short address that leads to the long one and can be typed; from now on answers with this state are taken."""
        self._server.address, self._server.state = address, state
        return f"http://localhost:{self._server.server_address[1]}"

    def answer(self, patience_s: float, gave_up: Callable[[], bool]) -> dict[str, str] | None:
        """What the browser brought back for this sign-in; None: nothing in time, or the person gave up."""
        for _ in range(int(patience_s / _GLANCE_S)):
            if gave_up():
                return None
            try:
                return self._server.answers.get(timeout=_GLANCE_S)
            except queue.Empty:
                continue
        return None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def browse(address: str) -> bool:
    """Open the address in the person's browser; False: there is none on this machine.

    A browser without a window ($BROWSER aside) would take the terminal from the program, so it counts as none.
    """
    if not (os.environ.get("BROWSER") or _has_windows()):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    # A command named by $BROWSER is waited for by webbrowser, and it waits for our answer in turn.
    threading.Thread(target=browser.open, args=(address,), daemon=True).start()
    return True


def _has_windows() -> bool:
    if os.name == "nt" or sys.platform == "darwin":
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class _Server(ThreadingHTTPServer):
    """Threads, because browsers open connections that they may never use."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # there it would let two programs share the port

    def __init__(self, port: int, t: Catalogue) -> None:
        self.address: str | None = None
        self.state: str | None = None
        self.answers: queue.Queue[dict[str, str]] = queue.Queue()
        self.t = t
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle is nothing to tell."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _SILENCE_S
    server: _Server

    def do_POST(self) -> None:  # noqa: N802  the name http.server gives it
        """The form that the directory's page posts here: a code that nobody can use without our secret, or an error."""
        t, length = self.server.t, self.headers.get("Content-Length", "")
        body = self.rfile.read(int(length)) if length.isdecimal() and int(length) <= _LARGEST else b""
        answer = dict(parse_qsl(body.decode("utf-8", "replace")))
        if self.server.state is None or answer.get("state") != self.server.state:
            self._page(400, t("This answer belongs to no sign-in that is under way."))
            return
        if "error" in answer:
            self._page(200, t("The sign-in did not work; devreg says why. This page can be closed."))
        else:
            self._page(200, t("You are signed in. Go back to devreg; this page can be closed."))
        self.server.answers.put(answer)

    def do_GET(self) -> None:  # noqa: N802
        """The way to the directory's page, for who opened the short address."""
        if self.path == "/" and self.server.address is not None:
            self._page(302, "", Location=self.server.address)
        else:
            self._page(404, self.server.t("This answer belongs to no sign-in that is under way."))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name http.server gives it
        """Nothing of a sign-in is logged."""

    def _page(self, status: int, text: str, **more: str) -> None:
        page = f'<!DOCTYPE html><html lang="{self.server.t.language}"><title>devreg</title><p>{escape(text)}</p></html>'
        self.send_response(status)
        headers = {
            "Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(page.encode())), "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "no-referrer", "Connection": "close",
        }  # fmt: skip
        for name, value in (headers | more).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.encode())
        self.wfile.flush()
