"""What identifies a device, and what only looks as if it did."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devreg.domain import identifiers
from devreg.domain.observation import IdKind


@pytest.mark.parametrize(
    ("text", "value"),
    [("pf3kx9ab", "PF3KX9AB"), (" 5CD 1294\tQWE ", "5CD1294QWE"), ("ＡＢ１２", "AB12"), ("S-12/34", "S-12/34"), ("1 2 3 5", "1235"),
     ("ab\u200bcd", "ABCD"), ("åäö1", "ÅÄÖ1"), ("SYS4711A", "SYS4711A"), ("FFWKXVJQPL", "FFWKXVJQPL"),
     ("EIOLE7", "EIOLE7"), ("MB-20251", "MB-20251"), ("SN48151623", "SN48151623")],
)  # fmt: skip
def test_a_serial_is_folded_to_one_writing(text: str, value: str) -> None:
    assert identifiers.serial(text) == identifiers.serial(value)
    assert identifiers.serial(text).value == value  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    ["", " ", "abc", "000", "0000000000", "xxxxxxx", "XXXX-XXXX", "To be filled by O.E.M.", "TO BE FILLED BY OEM", "tobefilledbyoem2",
     "System Serial Number", "Default string", "Not Specified", "not available", "N/A", "none", "NULL", "Unknown", "INVALID", "OEM",
     "123456789", "0123456789", "87654321", "1234", "SN0000000", "Serial0000", "........", "----", "03000200-0400-0500-0006-000700080009",
     "(null string)", "SYS-1234567890", "SYS-9876543210", "SN-12345", "SN-1234567890", "MB-1234567890", "10010110", "123456789000",
     "IATPASS", "Tulip Computers", "Serial Number xxxxxx", "SN-123456fvgv3i0b8o5n6n7k", "Unknow",
     "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "Chassis Serial Number", "1.0", "2.3.1",
     "ei tiedossa", "Puuttuu", "Sarjanumero puuttuu", "ks. tarra", "Okänd", "finns ej", "Se etiketten", "no serial number", "see label",
     "6AB5B300-538D-1014-9FB5-B0684D007B53", "VMware", "All Series", None, 12345, b"SER1"],
)  # fmt: skip
def test_a_placeholder_is_no_serial(text: object) -> None:
    assert identifiers.serial(text) is None


@given(st.text())
def test_cleaning_a_clean_identifier_changes_nothing(text: str) -> None:
    for clean in (identifiers.serial, identifiers.asset_tag, identifiers.mac, identifiers.imei, identifiers.meid):
        found = clean(text)
        assert found is None or clean(found.value) == found


@given(st.sampled_from(["To be filled by O.E.M.", "Default string", "System Serial Number", "00000000"]), st.data())
def test_a_placeholder_stays_one_in_any_case_and_with_blanks_around(text: str, data: st.DataObject) -> None:
    swap = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    assert (
        identifiers.serial("  " + "".join(c.swapcase() if s else c for c, s in zip(text, swap, strict=True)) + "\t")
        is None
    )


@pytest.mark.parametrize(
    "text",
    [
        "356938035643809",
        "35-693803-564380-9",
        "35 693803 564380 9",
        "35–693803–564380–9",
        "'356938035643809",
        "35693803564380",
        "356938035643800",
        "3569380356438012",
    ],
)
def test_an_imei_is_its_first_fourteen_digits(text: str) -> None:
    assert identifiers.imei(text).key == "imei:35693803564380"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "356938035643808",
        "000000000000000",
        "111111111111111",
        "3569380356438",
        "35693803564380912",
        "A" * 15,
        "",
        None,
        1,
    ],
)
def test_a_wrong_check_digit_or_a_filler_is_no_imei(text: object) -> None:
    assert identifiers.imei(text) is None


@pytest.mark.parametrize("text", ["A0000049A5B3C1", "a0000049a5b3c1c", "A0-000049-A5B3C1", "268435463310859457"])
def test_a_meid_is_its_fourteen_hexadecimal_digits(text: str) -> None:
    assert identifiers.meid(text).value == "A0000049A5B3C1"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["35693803564380", "AAAAAAAAAAAAAA", "A0000049A5B3", "G0000049A5B3C1", "A0000049A5B3C12", None]
)
def test_an_imei_a_filler_or_a_wrong_check_digit_is_no_meid(text: object) -> None:
    assert identifiers.meid(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "A4–C3–F0–00–14–22",
        "'A4:C3:F0:00:14:22",
        "A4:C3:F0:00:14:22",
        "a4-c3-f0-00-14-22",
        "a4c3.f000.1422",
        "A4C3F0001422",
        " a4:c3:f0:00:14:22 ",
    ],
)
def test_a_mac_is_twelve_digits_whatever_the_signs_between(text: str) -> None:
    assert identifiers.mac(text).key == "mac:a4c3f0001422"  # type: ignore[union-attr]


@given(st.integers(0, 2**48 - 1))
def test_a_mac_counts_only_when_its_maker_gave_it_to_one_device(number: int) -> None:
    found = identifiers.mac(f"{number:012x}")
    if (number >> 40) & 0b11:
        assert found is None  # set by software (random on phones), or a group


@pytest.mark.parametrize(
    "text",
    [
        "00:00:00:00:00:00",
        "ff:ff:ff:ff:ff:ff",
        "50:50:54:50:30:30",
        "01:00:5e:00:00:01",
        "a4c3f00014",
        "zz",
        None,
        "00:a0:c6:00:00:00",
        "24:b6:20:52:41:53",
        "00:0b:ca:fe:00:00",
        "00:50:56:c0:00:01",
        "00:50:56:c0:00:08",
    ],  # fmt: skip
)
def test_a_shared_or_broken_mac_identifies_nothing(text: object) -> None:
    assert identifiers.mac(text) is None


def test_a_mac_is_shown_in_pairs() -> None:
    assert identifiers.mac_text("a4c3f0001422") == "a4:c3:f0:00:14:22"


def test_an_asset_tag_is_any_text_without_blanks() -> None:
    assert identifiers.asset_tag(" it 12 ").key == "asset_tag:IT12"  # type: ignore[union-attr]
    assert identifiers.asset_tag("  ") is None
    assert set(IdKind) >= {identifiers.asset_tag("x").kind}  # type: ignore[union-attr]
