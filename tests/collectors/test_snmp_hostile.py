"""Agents that misbehave: each visit ends, in bounded time, with what is known kept and nothing invented."""

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pysnmp.proto import rfc1902, rfc1905
from register_rig import devices, later, rows, run_of
from snmp_rig import TOO_BIG, V2C, Gathered, Misbehaving, Start, collector, garbage, is_bulk, is_walk, switch, text

from collectors.snmp import walk
from collectors.snmp.datagrams import Datagrams
from collectors.snmp.wire import Address, Pace
from devreg.domain.absence import Verdict
from devreg.store import schema
from devreg.store.engine import Sessions

HARDWARE = "1.3.6.1.2.1.47.1.1.1.1"
QUICK = {"timeout_s": 0.2, "retries": 1}


def silent(agent: Misbehaving, request: Any, answer: Any) -> None:
    return None


def falls_silent(agent: Misbehaving, request: Any, answer: Any) -> Any:
    return answer if agent.asked < 4 else None


def falls_silent_in_a_table(agent: Misbehaving, request: Any, answer: Any) -> Any:
    if is_walk(request):
        agent.rows = []
    return answer if agent.rows else None


def repeats(agent: Misbehaving, request: Any, answer: Any) -> Any:
    status, rows = answer
    return (status, [rows[0]] * len(rows)) if is_walk(request) else answer


def decreases(agent: Misbehaving, request: Any, answer: Any) -> Any:
    status, rows = answer
    return (status, list(reversed(rows))) if is_bulk(request) else answer


def no_values(agent: Misbehaving, request: Any, answer: Any) -> Any:
    return (0, []) if is_walk(request) else answer


def too_big(agent: Misbehaving, request: Any, answer: Any) -> Any:
    """Three values at most, as an agent with a small buffer."""
    return (TOO_BIG, []) if len(answer[1]) > 3 else answer


def only_small(agent: Misbehaving, request: Any, answer: Any) -> Any:
    """Silent to what would be more than a datagram, as some agents are."""
    return None if len(answer[1]) > 30 else answer


def rubbish(agent: Misbehaving, request: Any, answer: Any) -> bytes:
    return garbage()


def cut_off(agent: Misbehaving, request: Any, answer: Any) -> Any:
    status, rows = answer
    return (status, rows[: len(rows) // 2 + 1]) if is_bulk(request) else answer


def endless(agent: Misbehaving, request: Any, answer: Any) -> Any:
    """A table without an end: every name has one after it."""
    if not is_bulk(request):
        return answer
    names = [tuple(int(arc) for arc in name) for name, _ in V2C.apiPDU.get_varbinds(request)]
    rows = []
    for _ in range(int(V2C.apiBulkPDU.get_max_repetitions(request))):
        names = [name[:-1] + (name[-1] + 1,) if len(name) > 10 else (*name, 1) for name in names]
        rows += [(name, text("x")) for name in names]
    return 0, rows


def answers_end_with_last_name(agent: Misbehaving, request: Any, answer: Any) -> Any:
    """endOfMibView under a name inside the column asked for: only the type tells the end."""
    status, rows = answer
    if not is_walk(request):
        return answer
    last = agent.rows[-1][0]
    return status, [(name if value is not rfc1905.endOfMibView else last, value) for name, value in rows]


TWISTS = (
    silent, falls_silent, falls_silent_in_a_table, repeats, decreases, no_values, too_big, only_small, rubbish, cut_off, endless,
    answers_end_with_last_name,
)  # fmt: skip


def test_a_good_agent_is_read_whole_and_soon_among_all_the_bad_ones(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "MAX_ROWS", 300)
    bad = [start(switch(f"BADSERIAL{place:02}"), twist) for place, twist in enumerate(TWISTS)]
    good = start(switch("GOODSERIAL1", ports=30))
    began = time.monotonic()
    arrived: dict[str, float] = {}
    reader = collector(tmp_path, [good.target, *(agent.target for agent in bad)], **QUICK)
    for page in reader.pages(None):
        for record in page.records:
            arrived[record.native_id] = time.monotonic() - began
            if record.part == good.target:
                assert len(record.body["ports"]) == 30
    assert arrived["serial:GOODSERIAL1"] < 8
    assert time.monotonic() - began < 25


@pytest.mark.parametrize("twist", [too_big, only_small, cut_off, answers_end_with_last_name])
def test_an_agent_that_can_say_only_little_at_once_is_still_read_whole(
    start: Start, tmp_path: Path, twist: Callable[..., Any]
) -> None:
    agent = start(switch("SMALLBUFFER1", ports=20), twist)
    run = Gathered(collector(tmp_path, [agent.target], **QUICK))
    assert [len(seen.ports) for seen in run.observed] == [20]
    assert run.failed == {}


@pytest.mark.parametrize("twist", [repeats, decreases, no_values])
def test_a_table_that_goes_in_circles_ends_and_makes_the_target_a_failed_part(
    start: Start, tmp_path: Path, twist: Callable[..., Any]
) -> None:
    agent = start(switch("CIRCLES0001"), twist)
    run = Gathered(collector(tmp_path, [agent.target], **QUICK))
    assert "not read whole" in run.failed[agent.target]
    assert agent.asked < 200


def test_half_a_table_takes_nothing_away_from_a_device_that_was_read_whole(
    start: Start, tmp_path: Path, sessions: Sessions
) -> None:
    breaks_off = False

    def half(agent: Misbehaving, request: Any, answer: Any) -> Any:
        status, given = answer
        if breaks_off and is_bulk(request):
            return status, [row if place < len(given) // 2 else given[0] for place, row in enumerate(given)]
        return answer

    agent = start(switch("WHOLE000001", ports=30), half)
    run_of(sessions, collector(tmp_path, [agent.target], **QUICK), "network", "snmp")
    before = _ports(sessions)
    assert len(before) == 30
    breaks_off = True
    ended = run_of(sessions, collector(tmp_path, [agent.target], **QUICK), "network", "snmp", now=later(5))
    assert (ended.verdict, ended.counts.changed, len(ended.failed_parts)) == (Verdict.PARTIAL, 0, 1)
    assert _ports(sessions) == before
    assert devices(sessions)[0]["serial"] == "WHOLE000001"


@pytest.mark.parametrize("serials", [("PARTLY00001",), ("PARTLY00001", "PARTLY00002")], ids=["switch", "stack"])
def test_a_device_whose_serial_number_was_not_reached_is_no_second_device(
    start: Start, tmp_path: Path, sessions: Sessions, serials: tuple[str, ...]
) -> None:
    breaks_off = False

    def without_hardware(agent: Misbehaving, request: Any, answer: Any) -> Any:
        asked = [str(name) for name, _ in V2C.apiPDU.get_varbinds(request)]
        return None if breaks_off and any(name.startswith(HARDWARE) for name in asked) else answer

    told = switch(serials[0])
    for place, serial in enumerate(serials, 1):
        told |= {f"{HARDWARE}.5.{place}": rfc1902.Integer32(3), f"{HARDWARE}.11.{place}": text(serial)}
    agent = start(told, without_hardware)
    run_of(sessions, collector(tmp_path, [agent.target], **QUICK), "network", "snmp")
    assert sorted(line["serial"] for line in devices(sessions)) == list(serials)
    breaks_off = True
    ended = run_of(sessions, collector(tmp_path, [agent.target], **QUICK), "network", "snmp", now=later(5))
    assert (ended.verdict, list(ended.failed_parts)) == (Verdict.PARTIAL, [agent.target])
    assert sorted(line["serial"] for line in devices(sessions)) == list(serials)
    assert len(rows(sessions, schema.record)) == len(serials)
    breaks_off = False
    ended = run_of(sessions, collector(tmp_path, [agent.target], **QUICK), "network", "snmp", now=later(10))
    assert (ended.verdict, ended.counts.seen, ended.counts.new) == (Verdict.COMPLETE, len(serials), 0)


def _ports(sessions: Sessions) -> list[tuple[Any, ...]]:
    """What ports are, not how they are now: that is not known of those that were not read."""
    lasting = ("name", "if_index", "alias", "if_type", "mac")
    return [tuple(line[name] for name in lasting) for line in rows(sessions, schema.port)]


def test_an_endless_table_ends_at_the_limit_of_rows(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "MAX_ROWS", 200)
    agent = start(switch("ENDLESS0001"), endless)
    run = Gathered(collector(tmp_path, [agent.target], **QUICK))
    assert "more than 200 rows" in run.failed[agent.target]


@pytest.mark.parametrize("twist", [falls_silent, falls_silent_in_a_table])
def test_a_device_that_falls_silent_midway_gives_no_record_and_is_not_empty(
    start: Start, tmp_path: Path, twist: Callable[..., Any]
) -> None:
    agent = start(switch("MIDWAY00001"), twist)
    run = Gathered(collector(tmp_path, [agent.target], **QUICK))
    assert run.records == []
    assert "fell silent" in run.failed[agent.target]


def test_a_named_host_that_does_not_answer_is_a_failed_part_with_a_next_step(start: Start, tmp_path: Path) -> None:
    agent = start(switch("SILENT00001"), silent)
    run = Gathered(collector(tmp_path, [agent.target], **QUICK))
    assert run.records == []
    assert "no answer to legacy" in run.failed[agent.target]
    assert "check that it is on" in run.failed[agent.target]


def test_rubbish_on_the_wire_counts_as_silence(start: Start, tmp_path: Path) -> None:
    agent = start(switch("RUBBISH0001"), rubbish)
    run = Gathered(collector(tmp_path, [agent.target], **QUICK))
    assert run.records == []
    assert "no answer" in run.failed[agent.target]


def test_an_answer_from_another_address_or_to_another_question_is_no_answer(start: Start, tmp_path: Path) -> None:
    def wrong_id(agent: Misbehaving, request: Any, answer: Any) -> Any:
        V2C.apiPDU.set_request_id(request, int(V2C.apiPDU.get_request_id(request)) ^ 1)
        return answer

    stranger = _answering_from_elsewhere(start(switch("ELSEWHERE01")))
    wrong = start(switch("WRONGID0001"), wrong_id)
    run = Gathered(collector(tmp_path, [stranger, wrong.target], **QUICK))
    assert run.records == []
    assert set(run.failed) == {stranger, wrong.target}


def test_a_late_answer_is_asked_for_again_and_a_dropped_packet_costs_nothing_but_time(
    start: Start, tmp_path: Path
) -> None:
    def every_fifth_lost(agent: Misbehaving, request: Any, answer: Any) -> Any:
        return None if agent.asked % 5 == 0 else answer

    agent = start(switch("LOSSY000001", ports=40), every_fifth_lost)
    run = Gathered(collector(tmp_path, [agent.target], timeout_s=0.2, retries=2))
    assert [len(seen.ports) for seen in run.observed] == [40]
    assert run.failed == {}


def test_closing_the_iterator_ends_the_scan(start: Start, tmp_path: Path) -> None:
    agents = [start(switch(f"CLOSED{place:05}"), silent) for place in range(3)]
    good = start(switch("CLOSEDGOOD1"))
    targets = [good.target, *(agent.target for agent in agents)]
    pages = collector(tmp_path, targets, timeout_s=30).pages(None)
    next(page for page in pages if page.records)
    began = time.monotonic()
    pages.close()  # type: ignore[attr-defined]  # the iterator is a generator
    assert time.monotonic() - began < 2
    assert not [thread for thread in threading.enumerate() if thread.name == "snmp"]


def test_an_answer_that_comes_while_the_scan_ends_is_let_go_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It was read from the socket, and is handed over a turn of the event loop later: to a dispatcher closed by then."""

    async def end() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
            agent.bind(("127.0.0.1", 0))
            datagrams = Datagrams(Pace(1_000))
            asking = asyncio.create_task(
                datagrams.ask(Address(*agent.getsockname()), b"?", 1, lambda datagram: (1, datagram), 5)
            )
            while not asking.done():
                await asyncio.sleep(0.01)
                with contextlib.suppress(BlockingIOError):
                    _, asker = agent.recvfrom(100, socket.MSG_DONTWAIT)
                    agent.sendto(b"!", asker)
            agent.sendto(b"! again", asker)
            await asyncio.sleep(0)  # now the loop finds it on the socket
            await asyncio.sleep(0)  # now it has been read
            datagrams.close()

    asyncio.run(end())
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def _answering_from_elsewhere(agent: Misbehaving) -> str:
    """A relay that asks a good agent, and answers from a socket of its own."""
    front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    front.bind(("127.0.0.1", 0))
    host, _, port = agent.target.partition(":")

    def serve() -> None:
        while True:
            datagram, sender = front.recvfrom(65_535)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
                back.sendto(datagram, (host, int(port)))
                back.sendto(back.recvfrom(65_535)[0], sender)

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{front.getsockname()[1]}"
