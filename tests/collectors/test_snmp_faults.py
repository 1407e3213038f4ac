"""Agents that break the protocol in one place: each is read as far as it goes, told as what it is, and harms nobody beside it."""

import time
from pathlib import Path
from typing import Any

import pytest
from pysnmp.proto import rfc1902, rfc1905
from snmp_rig import (
    COMMUNITY,
    IF_TABLE,
    IF_X_TABLE,
    SYSTEM,
    V2C,
    Gathered,
    Misbehaving,
    Start,
    collector,
    encoded,
    is_bulk,
    is_walk,
    switch,
    text,
)  # fmt: skip

from collectors.snmp import visitor
from devreg.domain.observation import Observation

QUICK = {"timeout_s": 0.3, "retries": 1}
GEN_ERR = 5
GOOD = "GOODSERIAL1"


def beside_a_good_one(
    start: Start, folder: Path, bad: Misbehaving, **options: Any
) -> tuple[list[Observation], str | None]:
    """What was found of the bad one and why it is not whole; a good one read in the same run is whole whatever the other does."""
    good = start(switch(GOOD, ports=20))
    run = Gathered(collector(folder, [bad.target, good.target], **(QUICK | options)))
    assert [len(seen.ports) for seen in run.observed if seen.claims["address"] == good.target] == [20]
    assert good.target not in run.failed
    return [seen for seen in run.observed if seen.claims["address"] == bad.target], run.failed.get(bad.target)


def oid(name: str) -> tuple[int, ...]:
    return tuple(map(int, name.split(".")))


def cut(request: Any, answer: Any) -> bytes:
    """The correct datagram without its second half."""
    message = V2C.Message()
    V2C.apiMessage.set_defaults(message)
    V2C.apiMessage.set_community(message, COMMUNITY.encode())
    whole = encoded(message, request, *answer)
    return whole[: len(whole) // 2]


def test_an_agent_that_answers_for_ever_just_in_time_is_ended_by_its_budget(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitor, "BUDGET_S", 1.0)

    def drips(agent: Misbehaving, request: Any, answer: Any) -> Any:
        time.sleep(0.1)
        if not is_walk(request):
            return answer
        names = [oid(str(name)) for name, _ in V2C.apiPDU.get_varbinds(request)]
        return 0, [((*name[:11], name[11] + 1) if len(name) > 11 else (*name, 1, 1), text("x")) for name in names]

    found, why = beside_a_good_one(start, tmp_path, start(switch("DRIPPING001"), drips))
    assert [seen.claims["name"] for seen in found] == ["sw-test"]
    assert "over its limit of time" in str(why)


def test_to_wait_for_its_turn_costs_a_device_nothing_of_its_budget(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of five takes at least a fifth of its budget, one after the other: the last one waits for longer than its whole budget."""
    monkeypatch.setattr(visitor, "BUDGET_S", 3.0)

    def slow(agent: Misbehaving, request: Any, answer: Any) -> Any:
        time.sleep(0.9 if agent.asked == 2 else 0)
        return answer

    agents = [start(switch(f"WAITSTURN0{place}"), slow) for place in range(5)]
    run = Gathered(collector(tmp_path, [agent.target for agent in agents], concurrency=1, timeout_s=10, retries=0))
    assert run.failed == {}
    assert len(run.observed) == 5


WRONG = (
    rfc1902.OctetString(hexValue="00ff80"), rfc1902.OctetString(""), rfc1902.Null(""), rfc1902.Integer32(-7), rfc1902.IpAddress("10.0.0.9"),
    rfc1902.ObjectIdentifier("1.3"), rfc1902.Counter64(2**64 - 1), rfc1902.TimeTicks(2**32 - 1), rfc1902.Opaque(hexValue="9f780412"),
    rfc1905.noSuchObject, rfc1905.noSuchInstance,
)  # fmt: skip


@pytest.mark.parametrize("value", WRONG, ids=lambda value: type(value).__name__)
def test_values_of_a_wrong_type_are_as_good_as_not_said(start: Start, tmp_path: Path, value: Any) -> None:
    def wrong(agent: Misbehaving, request: Any, answer: Any) -> Any:
        status, found = answer
        kept = oid(f"{SYSTEM}.5.0")
        return status, [(name, said if name == kept or said is rfc1905.endOfMibView else value) for name, said in found]

    found, why = beside_a_good_one(start, tmp_path, start(switch("WRONGTYPES1"), wrong))
    assert [seen.claims["name"] for seen in found] == ["sw-test"]
    assert "error of this program" not in str(why)


def test_a_speed_or_time_of_a_wrong_type_is_unknown_and_the_rest_is_read(start: Start, tmp_path: Path) -> None:
    rows = switch("WRONGTYPES2", ports=2) | {
        f"{SYSTEM}.3.0": text("yesterday"),
        f"{IF_TABLE}.5.1": rfc1902.Null(""),
        f"{IF_X_TABLE}.15.1": text("fast"),
        f"{IF_TABLE}.10.1": rfc1902.Counter32(7),
    }
    agent = start(rows)
    run = Gathered(collector(tmp_path, [agent.target], **QUICK))
    assert run.failed == {}
    assert [(port.name, port.speed_bps) for port in run.observed[0].ports] == [("Gi1/0/1", None), ("Gi1/0/2", 10**9)]
    (load,) = (load for page in run.pages for load in page.loads)
    assert (load.up_time, [item.in_octets for item in load.counters]) == (None, [7])


def test_datagrams_cut_short_are_silence_and_not_an_empty_table(start: Start, tmp_path: Path) -> None:
    def cuts_tables(agent: Misbehaving, request: Any, answer: Any) -> Any:
        asked = [oid(str(name)) for name, _ in V2C.apiPDU.get_varbinds(request)]
        return cut(request, answer) if asked[0][:9] == oid(IF_TABLE)[:9] else answer

    found, why = beside_a_good_one(start, tmp_path, start(switch("CUTSHORT001"), cuts_tables))
    assert [[(port.name, port.oper) for port in seen.ports] for seen in found] == [
        [(f"Gi1/0/{place}", None) for place in range(1, 5)]
    ]
    assert "network ports: no answer" in str(why)


@pytest.mark.parametrize("kind", ["silent", "error", "cut"])
def test_an_agent_that_knows_no_getbulk_is_read_whole_row_by_row(start: Start, tmp_path: Path, kind: str) -> None:
    def without_bulk(agent: Misbehaving, request: Any, answer: Any) -> Any:
        if not is_bulk(request):
            return answer
        return {"silent": None, "error": (GEN_ERR, []), "cut": cut(request, answer)}[kind]

    found, why = beside_a_good_one(start, tmp_path, start(switch("NOGETBULK01", ports=3), without_bulk))
    assert [(seen.claims["serial"], len(seen.ports)) for seen in found] == [("NOGETBULK01", 3)]
    assert why is None


def test_a_column_that_ends_too_soon_takes_no_other_with_it(start: Start, tmp_path: Path) -> None:
    alias = oid(f"{IF_X_TABLE}.18")

    def ends_in_the_midst(agent: Misbehaving, request: Any, answer: Any) -> Any:
        status, found = answer
        return status, [
            (name, rfc1905.endOfMibView if name[: len(alias)] == alias and name[-1] > 2 else said)
            for name, said in found
        ]

    found, why = beside_a_good_one(start, tmp_path, start(switch("ENDSEARLY01", ports=5), ends_in_the_midst))
    assert [[(port.name, port.alias) for port in seen.ports] for seen in found] == [
        [("Gi1/0/1", "room 1"), ("Gi1/0/2", "room 2"), *((f"Gi1/0/{place}", None) for place in (3, 4, 5))]
    ]
    assert why is None


@pytest.mark.parametrize("restart_at", [5, 15])
def test_a_device_that_restarts_while_it_is_read_gives_no_record_of_two_halves(
    start: Start, tmp_path: Path, restart_at: int
) -> None:
    before, after = switch("RESTARTED01", ports=3), switch("RESTARTED01", ports=5)

    def restarts(agent: Misbehaving, request: Any, answer: Any) -> Any:
        if agent.asked == restart_at:
            agent.rows = sorted((oid(name), value) for name, value in after.items())
            agent.rows = [
                (name, rfc1902.TimeTicks(3) if name == oid(f"{SYSTEM}.3.0") else said) for name, said in agent.rows
            ]
        return answer

    found, why = beside_a_good_one(start, tmp_path, start(before, restarts))
    assert found == []
    assert "it restarted while it was read" in str(why)
