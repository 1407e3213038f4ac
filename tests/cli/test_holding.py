"""Handing devices over from the command line, and a page of what somebody has."""

import pytest
from cli_rig import Cli
from register_rig import NOON, page, row, run

from devreg.domain.observation import Subject
from devreg.store.engine import connect

AINO = "aino.koski@city.example"


@pytest.fixture
def city(register: Cli) -> Cli:
    sessions = connect(register.database, register.folder)
    phone = row("1", serial="SER1", kind="phone", model="iPhone 15", imei="356938035643809", asset_tag="KA-1")
    aino = row("u1", Subject.PERSON, "users", name="Aino Koski", email=AINO, active=True, department="Kirjasto")
    run(sessions, page(phone, aino, row("s1", Subject.UNIT, id="kasavuori", name_fi="Kasavuoren koulu")), now=NOON)
    sessions.close()
    return register


def test_a_device_is_handed_over_shown_with_its_holder_and_taken_back(city: Cli) -> None:
    assert city("assign", "KA-1", "--person", "Aino Koski", "--reason", "new phone").lines == [
        "Holder: – → Aino Koski",
        f"Holder's e-mail: – → {AINO}",
    ]
    told = city("person", AINO).lines
    assert told[:3] == ["Aino Koski", f"  {AINO}", "  intune: open, Kirjasto"]
    assert told[-1] == "  D000001  KA-1 phone iPhone 15  SER1"
    assert city("assign", "KA-1", "--none").code == 0
    told = city("person", AINO).lines
    assert "No devices" in told
    assert told[-1].startswith("  D000001  ")
    assert "Aino Koski" in told[-1]
    assert "new phone" in city("show", "KA-1").out.partition("Who had it")[2]
    assert city("person", AINO, "--format", "json").json()["had"][0]["device"] == "D000001"


def test_who_gets_it_must_be_said_once(city: Cli) -> None:
    for to in ((), ("--none", "--unit", "kasavuori"), ("--none", "--person", AINO)):
        done = city("assign", "KA-1", *to)
        assert (done.code, "Say who gets it" in done.err) == (2, True)
