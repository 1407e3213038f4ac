"""What every source must do, whatever its kind: one suite over all of the registry, by recorded payloads.

tests/payloads/KIND/*.json: {"options": {…}, "settings": {…}?, "records": [Record…], "expected": [{keys, claims, …}…]}. Keys
are "kind:value" or {kind, value}. A claim expected to be null must not be made. A kind without payloads fails.
"""

import copy
import importlib
import json
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from collectors import REGISTRY
from devreg.domain.fields import DEVICE_FIELDS, HEADCOUNT_FIELDS, PERSON_FIELDS, UNIT_FIELDS
from devreg.domain.observation import IdKind, Observation, Subject
from devreg.errors import Broken
from devreg.ports import Collector, Record
from devreg.settings import Loaded, Settings, SourceOptions

PAYLOADS: Final = Path(__file__).parent.parent / "payloads"
_FACTS: Final = {"org_unit", "org_unit_was", "group_tag", "category", "department", "subnet"}
_FIELDS: Final[dict[Subject, frozenset[str]]] = {
    Subject.DEVICE: frozenset(DEVICE_FIELDS),
    Subject.PERSON: PERSON_FIELDS,
    Subject.UNIT: UNIT_FIELDS,
    Subject.HEADCOUNT: HEADCOUNT_FIELDS,
}
_OTHER_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "active": bool, "leave_date": date, "date": date, "pupils": int, "groups": (int, float), "staff": (int, float),
}  # fmt: skip
_FOREIGN: Final = "\x1b]52;c;eA==\x07\x9b31m\u202e\u2066\u200b\x00\ufeff"
_LOADED_BY_SENDING: Final = ("requests", "msal", "google.auth", "pysnmp", "python_calamine", "openpyxl", "cryptography")


def _cases() -> Iterator[Any]:
    for kind in REGISTRY:
        for path in sorted((PAYLOADS / kind).glob("*.json")):
            yield pytest.param(kind, path, id=f"{kind}-{path.stem}")


every_payload = pytest.mark.parametrize(("kind", "path"), list(_cases()))
every_kind = pytest.mark.parametrize("kind", list(REGISTRY))


def _class(kind: str) -> Any:
    module, name = REGISTRY[kind].split(":")
    return getattr(importlib.import_module(module), name)


def _collector(kind: str, payload: dict[str, Any]) -> Collector:
    known = _class(kind)
    options = known.Options.model_validate({"kind": kind} | payload["options"])
    settings = Settings.model_validate(payload.get("settings", {}))
    made: Collector = known("recorded", options, Loaded(settings, PAYLOADS / "devreg.toml"))
    return made


def _payload(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _records(payload: dict[str, Any]) -> list[Record]:
    return msgspec.convert(payload["records"], list[Record])


def _read(path: Path, kind: str) -> tuple[Collector, list[Record]]:
    payload = _payload(path)
    return _collector(kind, payload), _records(payload)


@every_kind
def test_a_source_has_recorded_payloads(kind: str) -> None:
    assert list((PAYLOADS / kind).glob("*.json")), f"record payloads of {kind} in tests/payloads/{kind}/"


@every_kind
def test_a_source_declares_options_and_a_mapping_version(kind: str) -> None:
    known = _class(kind)
    assert issubclass(known.Options, SourceOptions)
    assert known.Options.__doc__
    assert isinstance(known.mapping_version, int)
    undescribed = [
        name for name, field in known.Options.model_fields.items() if not field.description and name != "kind"
    ]
    assert undescribed == []


@every_payload
def test_every_recorded_record_is_observed_as_expected(kind: str, path: Path) -> None:
    payload = _payload(path)
    collector, records = _collector(kind, payload), _records(payload)
    assert len(payload["expected"]) == len(records) > 0
    for record, expected in zip(records, payload["expected"], strict=True):
        seen = msgspec.to_builtins(collector.observe(record))
        seen = {"keys": (), "claims": {}, "facts": {}, "live": True, "manages": False, **seen}
        if "keys" in expected:
            wanted = [key if isinstance(key, str) else f"{key['kind']}:{key['value']}" for key in expected["keys"]]
            assert [f"{key['kind']}:{key['value']}" for key in seen["keys"]] == wanted, record.native_id
        claims = {name: seen["claims"].get(name) for name in expected.get("claims", {})}
        assert claims == expected.get("claims", {}), record.native_id
        rest = {name: value for name, value in expected.items() if name not in {"keys", "claims"}}
        assert {name: seen.get(name) for name in rest} == rest, record.native_id


@every_payload
def test_claims_are_known_fields_with_the_right_types(kind: str, path: Path) -> None:
    collector, records = _read(path, kind)
    for record in records:
        _assert_well_formed(collector.observe(record), record)


@every_payload
def test_observing_is_repeatable_and_changes_nothing(kind: str, path: Path) -> None:
    collector, records = _read(path, kind)
    twin, _ = _read(path, kind)
    for record in records:
        before = copy.deepcopy(record)
        first = collector.observe(record)
        assert record == before
        assert first == collector.observe(record) == twin.observe(record)
        stored = msgspec.json.decode(msgspec.json.encode(record), type=Record)
        assert twin.observe(stored) == first


@every_payload
def test_no_control_bidi_or_invisible_characters_come_through(kind: str, path: Path) -> None:
    collector, records = _read(path, kind)
    for record in records:
        for hostile in _with_each_text(record, lambda text: text[:1] + _FOREIGN + text[1:]):
            seen = _observed(collector, hostile)
            for text in _texts(msgspec.to_builtins(seen)) if seen else ():
                assert not [c for c in text if unicodedata.category(c) in {"Cc", "Cs", "Cf"}], (record.native_id, text)


@every_payload
@pytest.mark.parametrize("filler", ["To be filled by O.E.M.", "0", "00000000", "N/A", "Default string", "000000000000"])
def test_placeholders_are_no_keys_and_no_serials(kind: str, path: Path, filler: str) -> None:
    collector, records = _read(path, kind)
    for record in records:
        for hollow in _with_each_text(record, lambda text: filler):
            seen = _observed(collector, hollow)
            if seen is None:
                continue
            folded = "".join(filler.split()).casefold()
            assert not [key for key in seen.keys if key.kind is not IdKind.ASSET_TAG and key.value.casefold() == folded]
            assert not {field for field in ("serial", "imei", "meid", "mac") if seen.claims.get(field) == filler}


@every_payload
def test_what_nobody_asked_for_is_nowhere(kind: str, path: Path) -> None:
    collector, records = _read(path, kind)
    planted = {
        "deviceLocation": {"latitude": 60.1, "note": "canary"}, "location.history": "canary", "callLog": ["canary"],
        "recentUsers": [{"email": "canary@example.org"}], "browsingHistory": "canary", "contract.canary": "canary",
    }  # fmt: skip
    for record in records:
        grown = msgspec.structs.replace(record, body=record.body | planted)
        assert collector.observe(grown) == collector.observe(record)


@every_payload
@pytest.mark.parametrize("junk", [None, 7, -1, 2**70, 1.5, True, "", "x" * 5000, [], ["x"], {}, {"a": {"b": []}}])
def test_a_value_of_another_kind_is_broken_or_left_out(kind: str, path: Path, junk: Any) -> None:
    collector, records = _read(path, kind)
    for record in records[:5]:
        for field in record.body:
            seen = _observed(
                collector, msgspec.structs.replace(record, body=record.body | {field: copy.deepcopy(junk)})
            )
            if seen is not None:
                _assert_well_formed(seen, record)


@pytest.mark.parametrize("kind", [kind for kind in REGISTRY if list((PAYLOADS / kind).glob("*.json"))])
def test_making_and_replaying_a_source_loads_no_client_library(kind: str) -> None:
    path = next(iter(sorted((PAYLOADS / kind).glob("*.json"))))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; import test_contract as suite\n"
        "known = {*sys.modules}; collector, records = suite._read(Path(sys.argv[2]), sys.argv[3])\n"
        "[collector.observe(record) for record in records]\n"
        "print(*[name for name in suite._LOADED_BY_SENDING if name in sys.modules and name not in known])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(path), kind],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


def _observed(collector: Collector, record: Record) -> Observation | None:
    """The observation; None for a record that is set aside as Broken. Any other error fails the test."""
    try:
        return collector.observe(record)
    except Broken:
        return None


def _assert_well_formed(seen: Observation, record: Record) -> None:
    unknown = seen.claims.keys() - _FIELDS[seen.subject]
    assert not unknown, (record.native_id, unknown)
    for name, value in seen.claims.items():
        assert value not in (None, ""), (record.native_id, name)
        _assert_type(seen.subject, name, value)
    assert seen.facts.keys() <= _FACTS
    assert all(isinstance(value, str) and value for value in seen.facts.values())
    assert len(set(seen.keys)) == len(seen.keys)
    assert seen.as_of is None or seen.as_of.tzinfo is not None
    assert seen.subject is Subject.DEVICE or not (seen.keys or seen.ports or seen.contract)
    names = [port.name for port in seen.ports]
    assert len(set(names)) == len(names), "port names are unique within a device"


def _assert_type(subject: Subject, name: str, value: Any) -> None:
    if subject is Subject.DEVICE:
        field = DEVICE_FIELDS[name]
        wanted: Any = field.value_type
        if field.members is not None:
            assert value in [str(member) for member in field.members], (name, value)
    else:
        wanted = _OTHER_TYPES.get(name, str)
    assert isinstance(value, wanted), (name, value)
    assert not (isinstance(value, bool) and wanted is not bool), (name, value)
    assert not (isinstance(value, datetime) and wanted is date), (name, value)
    if isinstance(value, datetime):
        assert value.tzinfo is not None, (name, value)
    if isinstance(value, int):
        assert -(2**63) <= value < 2**63, (name, value)


def _with_each_text(record: Record, change: Any) -> Iterator[Record]:
    """The record once for each text in its body, with that text changed."""
    for place in list(_places(record.body)):
        body = copy.deepcopy(record.body)
        target: Any = body
        for step in place[:-1]:
            target = target[step]
        target[place[-1]] = change(target[place[-1]])
        yield msgspec.structs.replace(record, body=body)


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        if isinstance(inner, str):
            yield (*above, step)
        else:
            yield from _places(inner, (*above, step))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
