"""The ladder: which device a record is about."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.identity import Candidate, Match, New, Review, Rung, resolve
from devreg.domain.observation import Identifier, IdKind, Observation, Subject

SERIAL, IMEI, MEID, MAC, TAG = IdKind.SERIAL, IdKind.IMEI, IdKind.MEID, IdKind.MAC, IdKind.ASSET_TAG


def seen(*keys: tuple[IdKind, str], maker: str | None = None) -> Observation:
    return Observation(
        Subject.DEVICE, tuple(Identifier(*key) for key in keys), {"manufacturer": maker} if maker is not None else {}
    )


def device(number: int, maker: str | None = None, *serials: str) -> Candidate:
    return Candidate(number, maker, frozenset(serials))


def answers(**by_key: Iterable[Candidate]) -> dict[str, tuple[Candidate, ...]]:
    return {key.replace("_", ":", 1): tuple(found) for key, found in by_key.items()}


A, B = device(1, "dell", "S1"), device(2, "hp", "S2")


@pytest.mark.parametrize(
    ("what", "keys", "known", "by_key", "verdict"),
    [
        ("nothing known", seen((SERIAL, "S9")), None, {}, New()),
        ("no identifier at all", seen(), None, {}, New()),
        ("the same native id", seen(), A, {}, Match(1, Rung.NATIVE_ID)),
        ("the same serial", seen((SERIAL, "S1")), None, answers(serial_S1=[A]), Match(1, Rung.SERIAL)),
        ("the same serial and maker", seen((SERIAL, "S1"), maker="Dell Inc."), None, answers(serial_S1=[A]), Match(1, Rung.SERIAL)),
        ("the same serial, the maker not known", seen((SERIAL, "S1"), maker="HP"), None, answers(serial_S1=[device(1, None, "S1")]),
         Match(1, Rung.SERIAL)),
        ("the same serial, another maker", seen((SERIAL, "S1"), maker="HP"), None, answers(serial_S1=[A]),
         Review("same serial number, another manufacturer", (1,))),
        ("one serial, two devices", seen((SERIAL, "S1")), None, answers(serial_S1=[A, device(3, "dell", "S1")]),
         Review("2 devices share this serial number", (1, 3))),
        ("one serial, two devices, one of the maker", seen((SERIAL, "S1"), maker="HP"), None, answers(serial_S1=[A, device(3, "hp", "S1")]),
         Match(3, Rung.SERIAL)),
        ("the serial decides before the IMEI", seen((IMEI, "I1"), (SERIAL, "S1")), None, answers(imei_I1=[B], serial_S1=[A]),
         Match(1, Rung.SERIAL)),
        ("the same IMEI", seen((IMEI, "I1")), None, answers(imei_I1=[A]), Match(1, Rung.IMEI)),
        ("the same IMEI, another serial", seen((IMEI, "I1"), (SERIAL, "S9")), None, answers(imei_I1=[A]), New()),
        ("either of two IMEIs", seen((IMEI, "I1"), (IMEI, "I2")), None, answers(imei_I2=[A]), Match(1, Rung.IMEI)),
        ("two IMEIs of two devices", seen((IMEI, "I1"), (IMEI, "I2")), None, answers(imei_I1=[A], imei_I2=[B]),
         Review("2 devices share this IMEI", (1, 2))),
        ("the same MEID", seen((MEID, "M1")), None, answers(meid_M1=[A]), Match(1, Rung.MEID)),
        ("the same MAC", seen((MAC, "m1")), None, answers(mac_m1=[A]), Match(1, Rung.MAC)),
        ("the same MAC, another serial: a dock moved", seen((MAC, "m1"), (SERIAL, "S9")), None, answers(mac_m1=[A]), New()),
        ("the MAC of two, one contradicted by its serial", seen((MAC, "m1"), (SERIAL, "S9")), None,
         answers(mac_m1=[A, device(3, "dell", "S9")]), Match(3, Rung.MAC)),
        ("the same asset tag says nothing: people reuse labels", seen((TAG, "T1")), None, answers(asset_tag_T1=[A]), New()),
        ("the same native id, a new serial", seen((SERIAL, "S9")), A, {},
         Match(1, Rung.NATIVE_ID, ("same record, new serial number: hardware changed?",))),
        ("the same native id, a serial where none was", seen((SERIAL, "S9")), device(1), {}, Match(1, Rung.NATIVE_ID)),
        ("the same native id, no serial any more", seen(), A, {}, Match(1, Rung.NATIVE_ID)),
        ("a serial learnt later that is another device's", seen((SERIAL, "S2")), device(1), answers(serial_S2=[B]),
         Match(1, Rung.NATIVE_ID, ("another device has the same number",), (2,))),
        ("a number shared only with itself", seen((SERIAL, "S1"), (MAC, "m1")), A, answers(serial_S1=[A], mac_m1=[A]),
         Match(1, Rung.NATIVE_ID)),
        ("a dock's MAC shared with another serial is no doubt", seen((SERIAL, "S1"), (MAC, "m1")), A, answers(serial_S1=[A], mac_m1=[A, B]),
         Match(1, Rung.NATIVE_ID)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_ladder(what: str, keys: Observation, known: Candidate | None, by_key: dict, verdict: object) -> None:  # type: ignore[type-arg]
    assert resolve(keys, known, by_key) == verdict, what


candidates = st.builds(
    Candidate, st.integers(1, 4), st.sampled_from([None, "dell", "hp"]), st.frozensets(st.sampled_from(["S1", "S2"]))
)
keys = st.lists(
    st.sampled_from([(SERIAL, "S1"), (SERIAL, "S2"), (IMEI, "I1"), (MAC, "m1"), (TAG, "T1")]), unique=True, max_size=4
)


indexed = st.sampled_from(["serial:S1", "serial:S2", "imei:I1", "mac:m1", "asset_tag:T1"])
found_by_key = st.dictionaries(indexed, st.lists(candidates, min_size=1, max_size=3).map(tuple))


@given(keys, st.sampled_from([None, "Dell", "HP"]), found_by_key)
def test_the_order_of_identifiers_and_candidates_decides_nothing(found, maker, by_key) -> None:  # type: ignore[no-untyped-def]
    by_key = {key: tuple({c.device_id: c for c in some}.values()) for key, some in by_key.items()}
    backwards = {key: tuple(reversed(some)) for key, some in reversed(by_key.items())}
    same = {c.device_id: c for some in by_key.values() for c in some}
    if any(c != same[c.device_id] for some in by_key.values() for c in some):
        return  # one number, two different candidates: cannot come from a register
    assert resolve(seen(*found, maker=maker), None, by_key) == resolve(
        seen(*reversed(found), maker=maker), None, backwards
    )


@given(
    keys,
    st.dictionaries(
        st.sampled_from(["serial:S1", "imei:I1", "mac:m1"]), st.lists(candidates, min_size=2, max_size=3).map(tuple)
    ),
)
def test_a_match_is_the_only_one_that_fits_its_rung(found, by_key) -> None:  # type: ignore[no-untyped-def]
    verdict = resolve(seen(*found), None, by_key)
    if isinstance(verdict, Match):
        answering = {c.device_id for key in seen(*found).keys for c in by_key.get(key.key, ())}
        assert verdict.device_id in answering
