"""Rows as services may send them one day: every mutation is a record, or set aside; never an error of another kind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import google_map, intune_map
from collectors.rows import page_of
from devreg.domain.observation import Observation
from devreg.errors import Broken
from devreg.ports import Record

PAYLOADS = Path(__file__).parent.parent / "payloads"
READERS: dict[str, tuple[Callable[[Any], Record], Callable[[Record], Observation], tuple[str, ...], str]] = {
    "intune": (lambda row: intune_map.device_record(row, {}), intune_map.observe, intune_map.DEVICE_KEYS, "id"),
    "google": (lambda row: google_map.device_record(row), google_map.observe, google_map.DEVICE_KEYS, "deviceId"),
}
_TRAPS = st.sampled_from(
    [
        None, 0, -1, 2**80, float("nan"), float("inf"), "", "x" * 5000, "\ud800", "\x00", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-14:00", "١٢٣", "0" * 15, {"a": {"b": [[]]}}, "id:",
    ]
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def _rows(kind: str) -> list[dict[str, Any]]:
    recorded = json.loads((PAYLOADS / kind / "devices.json").read_text(encoding="utf-8"))["records"]
    return [record["body"] | record["volatile"] for record in recorded]


@pytest.mark.parametrize("kind", list(READERS))
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_mutated_row_is_a_record_or_set_aside(kind: str, data: st.DataObject) -> None:
    read, observe, allowed, id_key = READERS[kind]
    row: Any = dict(data.draw(st.sampled_from(_rows(kind))))
    for field in data.draw(st.lists(st.sampled_from(allowed), min_size=1, max_size=4)):
        row[field] = data.draw(_TRAPS | _JSON)
    good = _rows(kind)[0]
    page = page_of([row, good], read, allowed, id_key)
    assert len(page.records) + len(page.rejected) == 2
    assert page.records[-1].native_id == good[id_key]
    for record in page.records:
        msgspec.json.encode(record)
        msgspec.json.encode(observe(record))


@pytest.mark.parametrize("kind", list(READERS))
@settings(max_examples=100, deadline=None)
@given(row=_JSON)
def test_what_is_no_row_at_all_is_set_aside(kind: str, row: Any) -> None:
    read, _, allowed, id_key = READERS[kind]
    (rejected,) = page_of([row], read, allowed, id_key).rejected
    assert rejected.reason
    assert len(rejected.raw) <= 4096


def test_a_stored_record_without_its_id_is_broken() -> None:
    for kind, (read, observe, _, id_key) in READERS.items():
        record = read(_rows(kind)[0])
        record.body.pop(id_key)
        with pytest.raises(Broken):
            observe(record)
