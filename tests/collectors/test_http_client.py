"""The HTTP client under all web sources: bounded in time and size, never led astray, plain about what went wrong."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from collector_rig import NOW, hasty

from collectors.http import Chain, JsonApi, Limits, Mark, mark_from
from collectors.wire import Wire
from devreg.demo.server import Fault, FaultKind, Reply, Request, StandIn, json_reply
from devreg.demo.tls import server_context
from devreg.errors import Broken, DevregError, Misconfigured, Refused, Retryable


class Service(StandIn):
    """Answers every GET with what the test put in `answer`."""

    about: ClassVar[str] = "A test's own service."
    answer: Reply = json_reply(200, {"ok": True})

    def respond(self, request: Request) -> Reply:
        self.seen = request
        return self.answer

    def misdirect(self, document: dict[str, Any], request: Request, fault: Fault) -> None:
        raise NotImplementedError


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as stand_in:
        yield stand_in


def api(root: str, waits: list[float] | None = None, ca: Path | None = None, **limits: Any) -> JsonApi:
    chosen = hasty(waits, **limits)
    return JsonApi(
        "papers", f"{root}/v1", Wire("papers", chosen, ca), lambda renew: "Bearer t", lambda answer: None, chosen
    )


def refusal(read: Callable[[], object], kind: type[DevregError]) -> DevregError:
    with pytest.raises(DevregError) as caught:
        read()
    assert type(caught.value) is kind or issubclass(type(caught.value), kind), repr(caught.value)
    assert caught.value.what.startswith("papers: ")
    return caught.value


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_service_is_asked_again_until_it_answers(service: Service, status: int) -> None:
    service.faults.append(Fault(status=status, times=2))
    waits: list[float] = []
    assert api(service.url, waits).get(f"{service.url}/v1/x") == {"ok": True}
    assert len(waits) == 2
    assert all(0 <= wait <= 20 for wait in waits)


def test_a_busy_service_is_given_up_after_a_few_tries_with_a_next_step(service: Service) -> None:
    service.faults.append(Fault(status=503, times=9))
    error = refusal(lambda: api(service.url).get(f"{service.url}/v1/x"), Retryable)
    assert len(service.ledger) == 3
    assert "503" in error.what
    assert "try again" in error.next_step


def test_retry_after_in_seconds_is_waited_for(service: Service) -> None:
    service.faults.append(Fault(status=429, headers={"Retry-After": "7"}))
    waits: list[float] = []
    api(service.url, waits).get(f"{service.url}/v1/x")
    assert waits == [7.0]


def test_retry_after_as_a_date_is_waited_for(service: Service) -> None:
    service.faults.append(
        Fault(status=429, headers={"Retry-After": format_datetime(NOW + timedelta(seconds=9), usegmt=True)})
    )
    waits: list[float] = []
    api(service.url, waits, now=lambda: NOW).get(f"{service.url}/v1/x")
    assert waits == [9.0]


def test_no_retry_after_is_waited_for_longer_than_its_cap(service: Service) -> None:
    service.faults.append(Fault(status=429, headers={"Retry-After": "86400"}))
    waits: list[float] = []
    api(service.url, waits).get(f"{service.url}/v1/x")
    assert waits == [Limits().longest_wait_s]


def test_all_waits_of_a_run_stay_within_their_budget(service: Service) -> None:
    service.faults.append(Fault(status=429, headers={"Retry-After": "60"}, times=99))
    waits: list[float] = []
    client = api(service.url, waits, waits_s=150, tries=9)
    refusal(lambda: client.get(f"{service.url}/v1/x"), Retryable)
    refusal(lambda: client.get(f"{service.url}/v1/x"), Retryable)
    assert sum(waits) <= 150


@pytest.mark.parametrize(("status", "kind"), [(400, Broken), (403, Refused), (404, Broken), (409, Broken)])
def test_a_clear_no_is_not_asked_twice(service: Service, status: int, kind: type[DevregError]) -> None:
    service.faults.append(Fault(status=status, body=b"go away"))
    error = refusal(lambda: api(service.url).get(f"{service.url}/v1/x"), kind)
    assert len(service.ledger) == 1
    assert error.next_step


def test_a_stale_token_is_renewed_once(service: Service) -> None:
    service.faults.append(Fault(status=401, times=9))
    asked: list[bool] = []
    limits = hasty()

    def authorise(renew: bool) -> str:
        asked.append(renew)
        return "Bearer t"

    client = JsonApi("papers", f"{service.url}/v1", Wire("papers", limits), authorise, lambda answer: None, limits)
    refusal(lambda: client.get(f"{service.url}/v1/x"), Refused)
    assert asked == [False, True]


def test_a_dropped_connection_is_tried_again(service: Service) -> None:
    service.faults.append(Fault(kind=FaultKind.DROP))
    assert api(service.url).get(f"{service.url}/v1/x") == {"ok": True}


def test_half_an_answer_is_never_taken_for_a_whole_one(service: Service) -> None:
    service.answer = json_reply(200, {"value": ["x" * 50] * 50})
    service.faults.append(Fault(kind=FaultKind.TRUNCATE, times=9))
    error = refusal(lambda: api(service.url).get(f"{service.url}/v1/x"), Retryable)
    assert "broke off" in error.what


@pytest.mark.parametrize("body", [b'{"value": [1, 2', b"", b"null", b"[1]", b"[" * 100_000, b"\xff\xfe{}"])
def test_what_is_no_json_object_is_broken(service: Service, body: bytes) -> None:
    service.answer = Reply(200, {"Content-Type": "application/json"}, body)
    refusal(lambda: api(service.url).get(f"{service.url}/v1/x"), Broken)


def test_a_name_cut_in_the_middle_of_an_emoji_spoils_no_page(service: Service) -> None:
    service.answer = Reply(200, {"Content-Type": "application/json"}, b'{"name": "Aino \\ud83d"}')
    assert api(service.url).get(f"{service.url}/v1/x")["name"].startswith("Aino ")


def test_a_web_page_instead_of_data_is_quoted_and_cleaned(service: Service) -> None:
    service.answer = Reply(
        200, {"Content-Type": "text/html"}, b"<html><body>\x1b[31mSign in to the network</body></html>"
    )
    error = refusal(lambda: api(service.url).get(f"{service.url}/v1/x"), Broken)
    assert "Sign in to the network" in error.what
    assert "\x1b" not in error.what
    assert "proxy" in error.next_step


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(service: Service, status: int) -> None:
    with Service() as elsewhere:
        service.answer = Reply(status, {"Location": f"{elsewhere.url}/v1/x"}, b"")
        error = refusal(lambda: api(service.url).get(f"{service.url}/v1/x"), Broken)
        assert elsewhere.ledger == []
    assert str(elsewhere.port) in error.what


def test_a_dripping_body_is_cut_at_the_deadline(service: Service) -> None:
    service.answer = json_reply(200, {"value": "x" * 500})
    service.faults.append(Fault(kind=FaultKind.DRIP, seconds=0.1, times=9))
    began = time.monotonic()
    error = refusal(lambda: api(service.url, tries=1, total_s=0.8).get(f"{service.url}/v1/x"), Retryable)
    assert time.monotonic() - began < 2
    assert "did not finish" in error.what


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 200 OK\r\nX: "])
def test_dripping_headers_and_handshakes_are_cut_at_the_deadline(greeting: bytes) -> None:
    with _Dripper(greeting) as port:
        began = time.monotonic()
        scheme = "https" if not greeting else "http"
        refusal(
            lambda: api(f"{scheme}://127.0.0.1:{port}", tries=1, total_s=0.8).get(f"{scheme}://127.0.0.1:{port}/v1/x"),
            Retryable,
        )
        assert time.monotonic() - began < 2


def test_silence_ends_with_the_read_timeout(service: Service) -> None:
    service.faults.append(Fault(kind=FaultKind.HANG, seconds=30))
    error = refusal(lambda: api(service.url, tries=1, read_s=0.3).get(f"{service.url}/v1/x"), Retryable)
    assert "said nothing" in error.what


def test_an_answer_larger_than_the_cap_after_unpacking_is_refused(service: Service) -> None:
    service.answer = json_reply(200, {"value": "x" * 3_000_000})  # the stand-in packs it to 3 kB
    error = refusal(lambda: api(service.url, max_bytes=1 << 20).get(f"{service.url}/v1/x"), Broken)
    assert "larger than 1 MiB" in error.what


def test_an_unreachable_host_is_named() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    error = refusal(lambda: api(f"http://127.0.0.1:{port}").get(f"http://127.0.0.1:{port}/v1/x"), Retryable)
    assert f"127.0.0.1:{port} can't be reached: connection refused" in error.what
    assert "firewall" in error.next_step


def test_an_unknown_host_name_is_named() -> None:
    error = refusal(lambda: api("http://no-such-host.invalid").get("http://no-such-host.invalid/v1/x"), Retryable)
    assert "no-such-host.invalid can't be reached: no such host name" in error.what


def test_an_untrusted_certificate_is_refused_and_ca_bundle_is_the_way_out(tmp_path: Path) -> None:
    with Service(tls=server_context(tmp_path)) as service:
        root = f"https://localhost:{service.port}"
        error = refusal(lambda: api(root).get(f"{root}/v1/x"), Refused)
        assert "is not trusted" in error.what
        assert "ca_bundle" in error.next_step
        assert api(root, ca=tmp_path / "ca.pem").get(f"{root}/v1/x") == {"ok": True}


def test_plain_http_on_a_tls_address_is_told_apart(service: Service) -> None:
    root = f"https://127.0.0.1:{service.port}"
    error = refusal(lambda: api(root).get(f"{root}/v1/x"), Broken)
    assert "no TLS connection" in error.what


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_ca_bundle_that_is_none_is_a_settings_fault(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "ca.pem").write_bytes(content)
    error = refusal(lambda: api("https://localhost:1", ca=tmp_path / "ca.pem"), Misconfigured)
    assert "ca.pem" in error.what


def test_netrc_and_the_environment_have_no_say(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login thief password p")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(netrc))
    api(service.url).get(f"{service.url}/v1/x")
    assert service.seen.headers["authorization"] == "Bearer t"


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.example/v1/next", "http://graph.example.evil.example/v1/next", "http://graph.example:81/v1/next",
        "http://graph.example/v2/next", "http://graph.example/v1/../v2/next", "http://graph.example/v1/%2e%2e/next",
        "http://user@graph.example/v1/next", "/v1/next", "", 7, None,
    ],
)  # fmt: skip
def test_a_continuation_that_leaves_home_is_not_followed(link: object) -> None:
    error = refusal(lambda: api("http://graph.example").at_home(link), Broken)
    assert "was not asked" in error.what


def test_a_continuation_at_home_is_used_verbatim() -> None:
    link = "http://Graph.example/v1/devices?$skiptoken=a%20b+c"
    assert api("http://graph.example").at_home(link) == link


def test_a_chain_of_pages_neither_repeats_nor_goes_on_for_ever() -> None:
    clock = iter(range(0, 10_000, 1_500))
    chain = Chain("papers", Limits(clock=lambda: next(clock)))
    chain.step("a")
    refusal(lambda: chain.step("a"), Broken)
    chain.step("b")
    refusal(lambda: chain.step("c"), Retryable)


def test_a_checkpoint_older_than_continuations_live_is_dropped() -> None:
    text = Mark(NOW, "next", 5).text()
    at = lambda minutes: Limits(now=lambda: NOW + timedelta(minutes=minutes))  # noqa: E731  three words, used below
    assert mark_from(text, at(50)) == Mark(NOW, "next", 5)
    assert mark_from(text, at(56)) is None
    assert mark_from(text, at(-1)) is None
    assert mark_from("not ours", at(1)) is None
    assert mark_from(None, at(1)) is None


class _Dripper:
    """A TCP server that never finishes its first line; without a greeting it drips where a TLS handshake should be."""

    def __init__(self, greeting: bytes) -> None:
        self._greeting = greeting
        self._server = socket.create_server(("127.0.0.1", 0))
        self._done = threading.Event()

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._server.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._server.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._server.accept()
            with connection:
                # A TLS record header promising 16 kB, then its bytes one by one.
                connection.sendall(self._greeting or b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
                while not self._done.wait(0.1):
                    connection.sendall(b"x" if self._greeting else b"\x00")
        except OSError:
            return
