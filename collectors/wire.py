"""One careful HTTP client: a clock over the whole request, a cap on what comes back, no redirects, no surprises from the environment.

Everything that collectors and token libraries send goes through `Wire`. The only module here that imports requests; its users import
it when they first send.
"""

import contextlib
import functools
import ssl
import threading
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

from collectors.http import Answer, Limits, Unreached, Untrusted
from devreg.errors import Broken, DevregError, Misconfigured, Retryable
from devreg.i18n import N_
from devreg.text import clean

_CHUNK = 65_536


class Wire:
    """Requests of one source. One at a time; what goes wrong is an error naming source, host, cause and next step."""

    def __init__(self, source: str, limits: Limits, ca_bundle: Path | None = None) -> None:
        self._source = source
        self._limits = limits
        self._adapter = _Cuttable()
        self._session = requests.Session()
        self._session.trust_env = False  # else .netrc replaces our token and REQUESTS_CA_BUNDLE our trust
        self._session.verify = str(_readable(source, ca_bundle)) if ca_bundle else True
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: str | bytes | None = None
    ) -> Answer:
        """The answer, whatever its status. Raises Retryable, Refused or Broken when there is none that can be used."""
        host = urlsplit(url).netloc
        with self._adapter.cut_after(self._limits.total_s) as cut:
            try:
                answer = self._exchange(method, url, headers, body)
            except DevregError:
                raise
            except (requests.RequestException, OSError, ValueError) as error:
                raise self._late(host) if cut.is_set() else _failure(error, self._source, host, self._limits) from error
        if cut.is_set():  # a cut connection can look like a short, proper answer
            raise self._late(host)
        return answer

    def close(self) -> None:
        """Let go of open connections."""
        self._session.close()

    def _late(self, host: str) -> Retryable:
        return Retryable(
            f"{self._source}: {host} did not finish its answer in {self._limits.total_s:g} s.",
            next_step=f"Try again later with `devreg collect {self._source}`.",
        )

    def _exchange(self, method: str, url: str, headers: Mapping[str, str] | None, body: str | bytes | None) -> Answer:
        with self._session.request(
            method,
            url,
            headers=headers,
            data=body,
            stream=True,
            allow_redirects=False,
            timeout=(self._limits.connect_s, self._limits.read_s),
        ) as response:
            received = self._within_cap(response)
            return Answer(response.status_code, url, {k.lower(): v for k, v in response.headers.items()}, received)

    def _within_cap(self, response: requests.Response) -> bytes:
        received = bytearray()
        for chunk in response.iter_content(_CHUNK):
            received += chunk
            if len(received) > self._limits.max_bytes:
                raise Broken(
                    f"{self._source}: an answer of {urlsplit(response.url).netloc} is larger than {self._limits.max_bytes >> 20} MiB.",
                    next_step=f"Set a smaller page_size in sources.{self._source}, and check who answers at this address.",
                )
        return bytes(received)


def _readable(source: str, ca_bundle: Path) -> Path:
    """The bundle, proven to hold certificates before anything is sent."""
    try:
        ssl.create_default_context(cafile=ca_bundle)
    except OSError as error:
        raise Misconfigured(
            f"{source}: the ca_bundle {ca_bundle} can't be used: {error.strerror or error}.",
            next_step=f"Name a PEM file with your CA's certificates as sources.{source}.ca_bundle.",
        ) from error
    return ca_bundle


def _failure(error: Exception, source: str, host: str, limits: Limits) -> DevregError:
    """What went wrong below HTTP, as an error a person can act on."""
    again = f"Try again later with `devreg collect {source}`."
    match error:
        case requests.exceptions.SSLError() if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return Untrusted(
                f"{source}: the certificate of {host} is not trusted ({_tls_reason(error)}).",
                next_step=f"If a CA of your own signed it, set ca_bundle in sources.{source}; else someone may be listening in between.",
            )
        case requests.exceptions.SSLError():
            return Broken(
                f"{source}: no TLS connection to {host} ({_tls_reason(error)}).",
                next_step=f"Check the address in sources.{source}.",
            )
        case requests.exceptions.ConnectTimeout():
            return Unreached(
                f"{source}: {host} can't be reached: no connection within {limits.connect_s:g} s.",
                next_step=f"Check the address in sources.{source}, the network and the firewall.",
            )
        case requests.exceptions.ReadTimeout():
            return Retryable(f"{source}: {host} said nothing for {limits.read_s:g} s.", next_step=again)
        case requests.exceptions.ConnectionError() if (inner := _never_connected(error)) is not None:
            return Unreached(
                f"{source}: {host} can't be reached: {inner}.",
                next_step=f"Check the address in sources.{source}, the network and the firewall.",
            )
        case (
            requests.exceptions.InvalidURL() | requests.exceptions.InvalidSchema() | requests.exceptions.MissingSchema()
        ):
            return Misconfigured(f"{source}: {host or 'its address'} is not a usable address.")
        case requests.RequestException() | OSError():
            return Retryable(f"{source}: the connection to {host} broke off in the middle.", next_step=again)
        case _:
            return Broken(f"{source}: the answer of {host} is not HTTP ({type(error).__name__}).", next_step=again)


def _tls_reason(error: Exception) -> str:
    text = str(error)
    _, _, tail = text.partition("certificate verify failed: ")
    return (clean((tail or text).split(" (_ssl")[0].rstrip("')"), 120) or "no reason given").rstrip(".")


def _never_connected(error: Exception) -> str | None:
    """Why there was no connection at all; None when one broke later."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    match reason:
        case NameResolutionError():
            return N_("no such host name")
        case NewConnectionError():
            return (clean(str(reason).partition("[Errno")[2].partition("] ")[2], 100) or "no connection").lower()
        case _:
            return None


class _Cuttable(HTTPAdapter):
    """Connections that another thread can cut.

    requests' timeouts hold for one read each: a peer that drips a byte a second is never late. Here the whole of handshake, headers and
    body stands under one clock.
    """

    def __init__(self) -> None:
        self._twins: weakref.WeakSet[socket] = weakref.WeakSet()
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests makes it, with connections of our kind."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool_of(HTTPConnectionPool, functools.partial(_Connection, twins=self._twins)),
            "https": _pool_of(HTTPSConnectionPool, functools.partial(_TlsConnection, twins=self._twins)),
        }

    @contextlib.contextmanager
    def cut_after(self, seconds: float) -> Iterator[threading.Event]:
        """Whether the connections were cut, because what runs inside took longer."""
        cut = threading.Event()
        timer = threading.Timer(seconds, self._cut, (cut,))
        timer.daemon = True
        timer.start()
        try:
            yield cut
        finally:
            timer.cancel()

    def _cut(self, cut: threading.Event) -> None:
        cut.set()
        for twin in list(self._twins):
            with contextlib.suppress(OSError):
                twin.shutdown(SHUT_RDWR)


def _pool_of(base: type[HTTPConnectionPool], connection: Any) -> type[HTTPConnectionPool]:
    return type(base.__name__, (base,), {"ConnectionCls": staticmethod(connection)})


class _Connection(HTTPConnection):
    """Keeps a second handle to its socket: TLS takes the first one over during the handshake."""

    def __init__(self, *args: Any, twins: "weakref.WeakSet[socket]", **kwargs: Any) -> None:
        self._twins = twins
        self._twin: socket | None = None
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> socket:
        sock = super()._new_conn()
        self._twin = sock.dup()
        self._twins.add(self._twin)
        return sock

    def close(self) -> None:
        """Close both handles."""
        super().close()
        if self._twin is not None:
            self._twin.close()
            self._twin = None


class _TlsConnection(_Connection, HTTPSConnection):
    """The same over TLS."""
