"""Reading a JSON service page by page: retries of reads, errors in plain words, continuations that stay at home.

Source of the rules: safety.md 48 to 50. No client library is imported here; `collectors.wire` does the sending.
"""

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import quote, unquote, urlencode, urlsplit

import msgspec

from devreg.errors import Broken, DevregError, Refused, Retryable
from devreg.i18n import N_
from devreg.ports import Page
from devreg.text import clean


class Limits(msgspec.Struct, frozen=True):
    """How long, how much and how often; tests put shorter ones and a clock of their own in."""

    connect_s: float = 10
    read_s: float = 120
    """Longest silence within an answer."""
    total_s: float = 300
    """Longest time from sending a request to the last byte of its answer."""
    run_s: float = 3_300
    """Longest chain of pages; Google ends one after an hour."""
    max_bytes: int = 64 << 20
    """Largest answer after decompression."""
    tries: int = 5
    longest_wait_s: float = 120
    """Cap of one wait, whatever the service asks for."""
    waits_s: float = 600
    """All waits of a run together."""
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Answer(msgspec.Struct, frozen=True):
    """One HTTP answer, read whole."""

    status: int
    url: str
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, undecodable bytes replaced."""
        return self.body.decode("utf-8", "replace")

    def start(self, limit: int = 200) -> str:
        """The beginning of the body without tags, fit to stand in a message."""
        return clean(re.sub(r"<[^>]*>", " ", self.text[:5_000]), limit) or "nothing"


class Missing(Broken):
    """Nothing is at this address: 404."""


class Unreached(Retryable):
    """No connection came about: nothing of the request was sent."""


class Untrusted(Refused):
    """Nobody who answers there is trusted: nothing of the request was sent."""


class Fault(msgspec.Struct, frozen=True):
    """What an answer with a bad status means."""

    error: type[DevregError]
    cause: str
    next_step: str = ""


class Sender(Protocol):
    """What `collectors.wire.Wire` is."""

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: str | bytes | None = None
    ) -> Answer:
        """The answer, whatever its status."""
        ...


T = TypeVar("T")
Authorise = Callable[[bool], str]
"""The Authorization header's value; True asks for a new token although the old one has not run out."""
Explain = Callable[[Answer], Fault | None]
"""What a bad answer means in the words of its service; None: the status says it all."""
_HTML: Final = re.compile(rb"\s*<(?:!doctype|html|\?xml|head|body)", re.IGNORECASE)
RETRYABLE: Final = frozenset({408, 429, 500, 502, 503, 504})
_BUSY_S: Final = 2.0
"""Longest first wait after a failure that names none; doubles with each try."""
_THROTTLED_S: Final = 10.0
"""The same after a 429 (contracts/intune.md section 9)."""


class JsonApi:
    """Reads below one root, repeated as long as that is safe and sensible."""

    def __init__(
        self, source: str, root: str, wire: Sender, authorise: Authorise, explain: Explain, limits: Limits
    ) -> None:
        self._source = source
        self._root = root
        self._wire = wire
        self._authorise = authorise
        self._explain = explain
        self._limits = limits
        self._waited_s = 0.0

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at `url` (whole address below the root). Raises Retryable, Refused or Broken."""
        return self._read("GET", url, headers or {}, None)

    def ask(self, url: str, question: Any, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object that answers a question put by POST. For reads only: it is repeated like one."""
        sent = {**(headers or {}), "Content-Type": "application/json"}
        return self._read("POST", url, sent, msgspec.json.encode(question))

    def wait(self, asked: str | None, tries: int) -> bool:
        """Wait before asking again for a part of an answer that was throttled, for as long as its Retry-After says; False: give up."""
        try:
            self._wait_or_give_up(_Later("", "", self._seconds(asked or ""), _THROTTLED_S), tries)
        except Retryable:
            return False
        return True

    def sign_in(self) -> None:
        """Get a token without asking for anything yet."""
        self._repeated(lambda: self._authorisation(renew=False))

    def _read(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
        return self._repeated(lambda: self._document(self._authorised(method, url, headers, body)))

    def _repeated(self, work: Callable[[], T]) -> T:
        tries = 0
        while True:
            try:
                return work()
            except _Later as later:
                tries += 1
                self._wait_or_give_up(later, tries)

    def url(self, path: str, params: Mapping[str, str | int]) -> str:
        """An address below the root; `path` is taken as it is, blanks in parameters become %20."""
        query = urlencode(params, quote_via=quote, safe="$,()/:")
        return f"{self._root}{path}" + (f"?{query}" if query else "")

    def at_home(self, link: object) -> str:
        """The link of a next page, verbatim, when it stays on the same server below the same path. Raises Broken otherwise."""
        if isinstance(link, str):
            there, here = urlsplit(link), urlsplit(self._root)
            same = (there.scheme, there.netloc.lower()) == (here.scheme, here.netloc.lower())
            below = there.path.startswith(here.path + "/") and ".." not in unquote(there.path).split("/")
            if same and below:
                return link
        where = (clean(urlsplit(link).netloc, 100) if isinstance(link, str) else None) or N_("an unreadable address")
        raise Broken(
            f"{self._source}: the next page is said to be at {where}, outside {self._root}; it was not asked.",
            next_step=f"Check the addresses in sources.{self._source} and who answers there.",
        )

    def _authorised(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """The answer, with the token renewed once when the service calls it stale."""
        for renew in (False, True):
            sent = {"Accept": "application/json", **headers, "Authorization": self._authorisation(renew=renew)}
            try:
                answer = self._wire.send(method, url, headers=sent, body=body)
            except Retryable as error:
                raise _Later(error.what, error.next_step) from error
            if answer.status != 401:
                break
        return answer

    def _authorisation(self, *, renew: bool) -> str:
        try:
            return self._authorise(renew)
        except Retryable as error:
            raise _Later(error.what, error.next_step) from error

    def _document(self, answer: Answer) -> dict[str, Any]:
        host = urlsplit(answer.url).netloc
        if not 200 <= answer.status < 300:
            raise self._error(answer, host)
        refuse_web_page(self._source, answer)
        document = _parsed(answer.body)
        if document is None:
            raise Broken(
                f"{self._source}: {host} sent {len(answer.body)} bytes that are no whole JSON document.",
                next_step=f"Run `devreg collect {self._source}` again; if it stays, check what stands between.",
            )
        if not isinstance(document, dict):
            raise Broken(
                f"{self._source}: {host} sent JSON of another shape than documented.",
                next_step=f"Check the addresses in sources.{self._source} and who answers there.",
            )
        return document

    def _error(self, answer: Answer, host: str) -> DevregError:
        fault = self._explain(answer) or by_status(answer)
        path = urlsplit(answer.url).path
        what = f"{self._source}: {host} answered {answer.status} to {path}: {fault.cause.rstrip('.')}."
        next_step = fault.next_step or N_(f"Run `devreg check {self._source}`.")
        if issubclass(fault.error, Retryable):
            return _Later(
                what,
                next_step,
                self._seconds(answer.headers.get("retry-after", "")),
                _THROTTLED_S if answer.status == 429 else _BUSY_S,
            )
        return fault.error(what, next_step=next_step)

    def _seconds(self, retry_after: str) -> float | None:
        """How long the service asks to wait, as a number or as a date. Source: RFC 9110, 10.2.3."""
        text = retry_after.strip()
        if text.isascii() and text.isdigit():
            return float(text)
        try:
            return max(0.0, (parsedate_to_datetime(text) - self._limits.now()) / timedelta(seconds=1))
        except (TypeError, ValueError):
            return None

    def _wait_or_give_up(self, later: "_Later", tries: int) -> None:
        asked = later.asked_s
        if asked is None:
            asked = random.uniform(0, later.base_s * 2.0 ** (tries - 1))  # noqa: S311  spreads load, guards nothing
        wait = min(asked, self._limits.longest_wait_s)
        if tries >= self._limits.tries or self._waited_s + wait > self._limits.waits_s:
            raise Retryable(later.what, next_step=later.next_step)
        self._waited_s += wait
        self._limits.pause(wait)


def refuse_web_page(source: str, answer: Answer) -> None:
    """Raises Broken for a good status with HTML: a proxy or a sign-in page answered in the service's place."""
    html = "html" in answer.headers.get("content-type", "") or _HTML.match(answer.body)
    if html and 200 <= answer.status < 300:
        raise Broken(
            f"{source}: {urlsplit(answer.url).netloc} answered with a web page instead of data: “{answer.start(100)}”.",
            next_step="A proxy or a sign-in page stands in between: open its way for this machine.",
        )


def _parsed(body: bytes) -> Any:
    """The JSON document; None when it is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    try:
        return json.loads(body)  # slower, but takes the lone surrogates of names cut in the middle of an emoji
    except (ValueError, RecursionError):
        return None


class _Later(Retryable):
    """A failed try that may be repeated, after `asked_s` when the service said so, else after a growing random time."""

    def __init__(self, what: str, next_step: str, asked_s: float | None = None, base_s: float = _BUSY_S) -> None:
        super().__init__(what, next_step=next_step)
        self.asked_s = asked_s
        self.base_s = base_s


def by_status(answer: Answer) -> Fault:
    """What a status means when the body says nothing more."""
    said = answer.start()
    match answer.status:
        case status if status in RETRYABLE:
            busy = "too many requests" if status == 429 else f"a fault on its side (“{said}”)"
            return Fault(Retryable, busy, "Nothing is wrong here: try again later.")
        case 401 | 403:
            return Fault(Refused, f"access refused (“{said}”)")
        case status if 300 <= status < 400:
            where = clean(urlsplit(answer.headers.get("location", "")).netloc, 100) or "elsewhere"
            return Fault(
                Broken, f"a redirect to {where}, which is never followed", "Set the final address in devreg.toml."
            )
        case 404:
            return Fault(Missing, "nothing is there", "Check the address in devreg.toml.")
        case _:
            return Fault(Broken, f"the request was not understood (“{said}”)")


class Chain:
    """Guards one chain of pages against running in circles or for ever."""

    def __init__(self, source: str, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._ends = limits.clock() + limits.run_s
        self._seen: set[int] = set()

    def step(self, continuation: str) -> str:
        """The continuation, new in this chain. Raises Broken when it was there before, Retryable when time is up."""
        if hash(continuation) in self._seen:
            raise Broken(
                f"{self._source}: the same next page was offered twice; reading stopped.",
                next_step=f"Run `devreg collect {self._source}` again; what was read is kept.",
            )
        self._seen.add(hash(continuation))
        if self._limits.clock() > self._ends:
            raise Retryable(
                f"{self._source}: reading took longer than {self._limits.run_s / 60:.0f} minutes.",
                next_step=f"Run `devreg collect {self._source}` again; what was read is kept.",
            )
        return continuation


class Mark(msgspec.Struct, frozen=True):
    """Where reading stands: what a checkpoint holds."""

    at: datetime
    """When the service gave the continuation."""
    next: str = ""
    """The continuation; empty: the part is read from its start."""
    seen: int = 0
    """Records read before."""
    part: str = ""
    """The part of the source that is being read."""

    def text(self) -> str:
        """The checkpoint."""
        return msgspec.json.encode(self).decode()


def mark_from(checkpoint: str | None, limits: Limits) -> Mark | None:
    """The mark of a checkpoint; None when there is none, or it is older than continuations live (then reading starts anew)."""
    if checkpoint is None:
        return None
    try:
        mark = msgspec.json.decode(checkpoint, type=Mark)
    except msgspec.DecodeError:
        return None
    age = limits.now() - mark.at
    if not mark.next:
        return mark
    return mark if timedelta(0) <= age < timedelta(seconds=limits.run_s) else None


Part = Callable[[Mark | None], Iterator[Page]]
"""Reads one part of a source: from the mark on, or all of it."""


def from_its_start(read: Callable[[], Iterator[Page]]) -> Part:
    """A part in which there is no place to go on from."""
    return lambda _: read()


def in_parts(parts: Mapping[str, Part], mark: Mark | None, limits: Limits) -> Iterator[Page]:
    """The pages of each part, from the one of the mark, or the first. Once one is read, reading can go on with the next."""
    names = [*parts]
    first = names.index(mark.part) if mark and mark.part in names else 0
    for name in names[first:]:
        if name != names[first]:
            yield Page((), checkpoint=Mark(limits.now(), part=name).text())
        yield from parts[name](mark if mark and mark.next and mark.part == name else None)


def anew_where_lost(read: Part, mark: Mark | None) -> Iterator[Page]:
    """The pages from the mark on; all of them where its continuation is not taken any more."""
    try:
        yield from read(mark)
    except Broken:
        if mark is None:
            raise
        yield from read(None)
