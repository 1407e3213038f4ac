"""A source of each kind whose time is over after every place that it gives: it comes to its end all the same, and to the same register."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from collector_rig import CUSTOMERS, WHOLE, google, intune, sheet
from pysnmp.proto import rfc1902
from register_rig import Listed, later, page, row, rows, run_of
from snmp_rig import Start, collector, switch, text
from test_snmp_points import controller

from collectors.snmp import place, scan
from devreg.demo.google import Google
from devreg.demo.google_login import MORE_SCOPES, READ_SCOPES
from devreg.demo.graph import Graph
from devreg.errors import OutOfTime
from devreg.ports import Page
from devreg.store import schema
from devreg.store.engine import Sessions, connect
from devreg.store.runs import Ended

Make = Callable[..., Any]
_MOST_RUNS = 25


@pytest.fixture
def other(fresh_register: Callable[[str], str], tmp_path: Path) -> Iterator[Sessions]:
    """A register that the source is read into in one go."""
    made = connect(fresh_register("sqlite"), tmp_path)
    yield made
    made.close()


def in_pieces(made: Any) -> Any:
    """The collector, whose time is over after the first page that leaves another place."""
    name = "pages_of" if hasattr(made, "pages_of") else "pages"
    whole = getattr(made, name)

    def until_a_place(*asked: Any) -> Iterator[Page]:
        for given in whole(*asked):
            yield given
            if given.checkpoint not in {None, asked[-1]}:
                raise OutOfTime("Its time was over.")

    setattr(made, name, until_a_place)
    return made


def read_in_pieces(sessions: Sessions, make: Make, kind: str) -> list[Ended]:
    """All runs of a pass, after one that knew a device more."""
    run_of(sessions, Listed(page(row("phantom", serial="GHOST001"))), kind, kind)
    ended: list[Ended] = []
    while not ended or ended[-1].error:
        ended.append(run_of(sessions, in_pieces(make()), kind, kind, later(len(ended) + 1)))
        assert len(ended) < _MOST_RUNS
    return ended


def known(sessions: Sessions) -> dict[tuple[str, str], Any]:
    """What each record that is not gone says."""
    lines = [line for line in rows(sessions, schema.record) if line["gone_at"] is None]
    return {(line["subject"], line["native_id"]): line["body"] for line in lines}


def check(pieces: Sessions, whole: Sessions, make: Make, kind: str, fewest: int) -> None:
    ended = read_in_pieces(pieces, make, kind)
    assert len(ended) >= fewest
    assert [one.counts.missing for one in ended[:-1]] == [0] * (len(ended) - 1)
    assert (ended[-1].verdict, ended[-1].failed_parts, ended[-1].counts.missing) == ("complete", {}, 1)
    run_of(whole, make(), kind, kind, later(1))
    assert known(pieces) == known(whole)


def test_people_and_devices_of_a_tenant_are_gone_on_with_where_they_were_left(
    sessions: Sessions, graph_service: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page of people is asked for twice: a tenant whose people alone take a whole run comes to its end too."""
    monkeypatch.setattr("collectors.intune._USERS_PAGE", 60)
    ended = read_in_pieces(sessions, lambda: intune(graph_service, tmp_path), "intune")
    asked = [entry.target for entry in graph_service.ledger if "/v1.0/users" in entry.target]
    assert len(asked) == -(-len(graph_service.users) // 60)
    assert len(ended) > len(asked)


def test_intune(
    sessions: Sessions, other: Sessions, graph_service: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph_service.page_size = 60
    monkeypatch.setattr("collectors.intune._USERS_PAGE", 60)
    check(sessions, other, lambda: intune(graph_service, tmp_path, **WHOLE), "intune", 8)


def test_a_google_console(sessions: Sessions, other: Sessions, google_service: Google, tmp_path: Path) -> None:
    google_service.page_size = 60
    google_service.account("chrome-city").delegated[CUSTOMERS["chrome-city"]] = (*READ_SCOPES, *MORE_SCOPES)
    customer = google_service.customers[CUSTOMERS["chrome-city"]]
    customer.users[0]["aliases"] = ["nick.name@kaupunki.example"]
    customer.devices[-1]["annotatedUser"] = "Nick.Name@kaupunki.example"
    wanted = dict.fromkeys(("users", "company_phones", "personal_phones", "battery"), True)
    check(sessions, other, lambda: google(google_service, tmp_path, **wanted), "google", 5)
    (holder,) = {
        line["holder_email"]
        for line in rows(sessions, schema.device)
        if line["serial"] == customer.devices[-1]["serialNumber"]
    }
    assert holder == customer.users[0]["primaryEmail"]


def test_a_sheet(sessions: Sessions, other: Sessions, tmp_path: Path) -> None:
    lines = "\n".join(f"SER{number:05d};Latitude" for number in range(1_700))
    (tmp_path / "s.csv").write_text(f"Sarjanumero;Malli\n{lines}\n", encoding="utf-8")
    profile = {"match": ["serial"], "columns": {"Sarjanumero": "serial", "Malli": "model"}}
    check(sessions, other, lambda: sheet(tmp_path, "s.csv", profile), "sheet", 4)


def test_targets_of_a_network(
    sessions: Sessions, other: Sessions, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Met in different runs: a switch at two addresses, and an access point that its controller tells of before it answers itself."""
    monkeypatch.setattr(place, "_FEWEST", 1)
    monkeypatch.setattr(scan, "_CHUNK", 1)
    point = switch("FGL1738S234", name="ap-1") | {"1.3.6.1.2.1.17.1.1.0": rfc1902.OctetString(hexValue="000b86814ea8")}
    behind = controller("wlc-1", name=text("ap-1"), serial=text("FGL1738S234"))
    agents = [behind, switch("FOC2001X001"), switch("FOC2001X002"), point, switch("FOC2001X001")]
    targets = [start(answers).target for answers in agents]
    check(sessions, other, lambda: collector(tmp_path, targets), "snmp", 5)
