"""One device at two addresses is one record; two that share what a copied configuration takes along stay two."""

from typing import Any

import pytest

from collectors.snmp.meetings import Meetings, Met
from collectors.snmp.reading import lasting_engine_id
from devreg.domain.observation import Subject
from devreg.ports import Record, Rejected

ENGINE = "800000090300a0239f000001"


def record(native_id: str, part: str, **body: Any) -> Record:
    return Record(Subject.DEVICE, native_id, body, part=part)


def ends(*records: Record) -> list[str]:
    """For each record: the id it is kept under, `same` or `rejected`."""
    met = Meetings(Met())
    taken = [met.take(each) for each in records]
    return [
        one.native_id if isinstance(one, Record) else "rejected" if isinstance(one, Rejected) else "same"
        for one in taken
    ]


def test_the_same_serial_mac_or_engine_at_two_addresses_is_one_device() -> None:
    for key in ("serial:FOC2001X001", "mac:a0239f000001", f"engine:{ENGINE}"):
        assert ends(record(key, "10.0.0.1", object_id="1.3"), record(key, "10.0.0.2", object_id="1.3")) == [key, "same"]


def test_a_copied_engine_id_with_two_serials_is_two_devices() -> None:
    found = ends(
        record("serial:FOC2001X001", "10.0.0.1", serial="FOC2001X001", engine=ENGINE, name="sw"),
        record("serial:FOC2001X002", "10.0.0.2", serial="FOC2001X002", engine=ENGINE, name="sw"),
    )
    assert found == ["serial:FOC2001X001", "serial:FOC2001X002"]


def test_a_copied_engine_id_under_another_name_is_another_device_known_by_its_address() -> None:
    key = f"engine:{ENGINE}"
    found = ends(record(key, "10.0.0.1", engine=ENGINE, name="a"), record(key, "10.0.0.2", engine=ENGINE, name="b"))
    assert found == [key, "target:10.0.0.2"]


@pytest.mark.parametrize("shared", [{"mac": "a0239f000001"}, {"engine": ENGINE}])
def test_an_address_that_hides_the_serial_is_the_device_that_showed_it(shared: dict[str, str]) -> None:
    whole = record("serial:FOC2001X001", "10.0.0.1", serial="FOC2001X001", **shared)
    hidden = record("target:10.0.0.2", "10.0.0.2", **shared)
    assert ends(whole, hidden) == ["serial:FOC2001X001", "same"]
    other_model = record("target:10.0.0.2", "10.0.0.2", object_id="1.3.9", **shared)
    assert (
        ends(record("serial:FOC2001X001", "10.0.0.1", object_id="1.3.8", **shared), other_model)[1] == "target:10.0.0.2"
    )


def test_an_address_that_hides_the_serial_and_has_a_copied_engine_under_another_name_is_another_device() -> None:
    whole = record("serial:FOC2001X001", "10.0.0.1", serial="FOC2001X001", engine=ENGINE, name="a")
    other = record("target:10.0.0.2", "10.0.0.2", engine=ENGINE, name="b")
    assert ends(whole, other) == ["serial:FOC2001X001", "target:10.0.0.2"]


def test_what_only_one_address_says_speaks_for_no_other_device() -> None:
    key = "serial:FOC2001X001"
    assert ends(record(key, "10.0.0.1", model="C9300"), record(key, "10.0.0.2")) == [key, "same"]
    assert ends(record(key, "10.0.0.1"), record(key, "10.0.0.2", model="C9300")) == [key, "same"]


def test_who_hides_the_serial_is_told_by_the_first_device_that_had_the_mark() -> None:
    met = Meetings(Met())
    for number in (1, 2):
        met.take(record(f"serial:FOC2001X00{number}", f"10.0.0.{number}", serial=f"FOC2001X00{number}", engine=ENGINE))
    said = met.take(record("target:10.0.0.3", "10.0.0.3", engine=ENGINE))
    assert isinstance(said, str)
    assert "10.0.0.1" in said


def test_members_of_one_stack_are_never_taken_for_one_device() -> None:
    shared = {"mac": "a0239f000001"}
    assert ends(
        record("target:10.0.0.1#1", "10.0.0.1", **shared), record("target:10.0.0.1#2", "10.0.0.1", **shared)
    ) == [
        "target:10.0.0.1#1",
        "target:10.0.0.1#2",
    ]


def test_one_serial_on_two_models_is_told_and_the_first_kept() -> None:
    key = "serial:SAMESERIAL01"
    met = Meetings(Met())
    met.take(record(key, "10.0.0.1", object_id="1.3.8"))
    bad = met.take(record(key, "10.0.0.2", object_id="1.3.9"))
    assert isinstance(bad, Rejected)
    assert "1.3.9 there, 1.3.8 here" in bad.reason


@pytest.mark.parametrize(
    ("engine", "lasts"),
    [
        ("800000090300a0239f000001", True),
        ("80001f8880e963000083d7e24f00000000", False),
        ("800007e501c0a80001", False),
        ("8000000902fe80000000000000a2239ffffe000001", False),
        ("8000000903000000000000", True),
        ("00000000000000000000", False),
        ("8000", False),
    ],
)
def test_an_engine_id_made_of_an_address_or_at_random_is_no_mark_of_a_device(engine: str, lasts: bool) -> None:
    assert (lasting_engine_id(bytes.fromhex(engine)) is not None) is lasts
