"""Cleaning of identifiers, and what is no identifier at all.

Sources of the placeholder families: GLPI's `Blacklist::getDefaults`, the SNMP recordings of contracts/snmp.md,
and names met in Intune and purchase lists.
"""

import re
import unicodedata
from typing import Final

from stdnum import imei as stdnum_imei
from stdnum import meid as stdnum_meid
from stdnum.exceptions import ValidationError

from devreg.domain.observation import Identifier, IdKind
from devreg.domain.personal_codes import MASK

_PLACEHOLDERS: Final = frozenset(
    "".join(c for c in text.casefold() if c.isalnum())
    for text in (
        "To be filled by O.E.M.", "System Serial Number", "SystemSerialNumb", "Default string",
        "Chassis Serial Number", "Base Board Serial Number", "Not Applicable", "Not Available", "Not Specified",
        "None", "N/A", "NULL", "Unknown", "INVALID", "OEM", "O.E.M.", "OEM_Serial", "Serial Number", "serialnumber",
        "System Product Name", "Product Name", "System Name", "All Series", "System manufacturer", "Manufacturer",
        "Type1 - Manufacturer", "Type1Family", "Asset Tag", "No Asset Tag", "Empty", "Undefined", "Unspecified", "private",
        "EVAL", "Test", "TBD", "SN", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009", "6AB5B300-538D-1014-9FB5-B0684D007B53", "(null string)", "IATPASS",
        "Tulip Computers", "Unknow", "123456789000", "SN-123456fvgv3i0b8o5n6n7k",
    )
)  # fmt: skip
_EXCUSES: Final = re.compile(
    "(?:"
    "ei|ole|ollut|tiedossa|tietoa|tiedä|tiedetä|saatu|saatavilla|löydy|löytynyt|puuttuu|puuttuvat|tuntematon|tyhjä|"
    "kadonnut|hukassa|varastettu|rikki|katso|ks|kts|tarrasta|tarra|laitteesta|pohjasta|tarkistetaan|tarkista|"
    "selvitetään|lisätään|myöhemmin|tulossa|sarjanumeroa|sarjanumero|sarjanro|numeroa|useita|monta|"
    "okänd|okänt|saknas|fattas|finns|ej|inte|ingen|inget|känd|känt|vet|angiven|angivet|tomt|tom|se|etiketten|"
    "etikett|dekalen|dekal|serienummer|serienr|nummer|senare|kommer|kontrolleras|kolla|borta|stulen|trasig|flera|"
    "olika|"
    "missing|unknown|not|known|none|no|number|serial|see|label|sticker|lost|stolen|broken|later|pending|check|"
    "various|several|multiple|on|the|device|to|be|added|available|found|readable|illegible"
    ")+"
)
"""What people write into a list where there is no number, in the city's languages; blanks are gone by then."""
_HYPERVISORS: Final = frozenset({"vmware", "parallels", "qemu", "virtualbox", "xen", "kvm"})
"""What their machines may give as serial number; as a manufacturer's name it is one."""
_ASCENDING: Final = "01234567890123456789"
_MIN_SERIAL: Final = 4
_LOCALLY_ADMINISTERED: Final = 0x02
_GROUP: Final = 0x01
_SHARED_MACS: Final = frozenset(
    {
        "000000000000", "ffffffffffff", "505054503030", "335053415050", "204153594eff", "80000404fe80", "00a0c6000000",
        "24b620524153", "000bcafe0000",
    }
)  # fmt: skip
"""All zeros, broadcast, and the addresses every PPP, VPN, modem or Bluetooth adapter of a family reports alike."""
_VIRTUAL: Final = "005056c0"
"""How the addresses begin that VMware gives to the host's own side of its networks: alike on every computer."""


def serial(text: object) -> Identifier | None:
    """A serial number fit for matching: NFKC, upper case, inner blanks gone, every dash the same; None for a placeholder."""
    if not isinstance(text, str):
        return None
    bare = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isprintable() and not c.isspace())
    value = unicodedata.normalize("NFKC", bare)  # a blank gone may leave an accent to its letter
    if not value.isascii():
        value = "".join("-" if c == "\N{MINUS SIGN}" or unicodedata.category(c) == "Pd" else c for c in value)
    return None if is_placeholder(value) else Identifier(IdKind.SERIAL, value)


def is_placeholder(text: str) -> bool:
    """Whether a serial says nothing: too short, one character repeated, a counting row, a known filler, words, a version, or a number
    that a sheet has cut to `2.20123E+11`."""
    bare = "".join(c for c in text.casefold() if c.isalnum())
    stem = re.sub(r"^(?:serialnumber|serial|sys|sn|mb)(?=[0-9x]+$)", "", bare)
    return (
        len(bare) < _MIN_SERIAL
        or len(set(bare)) == 1
        or bare in _HYPERVISORS
        or re.fullmatch(r"\d\.\d(?:\.\d)?|\d(?:[.,]\d+)?E\+\d{1,2}", text, re.IGNORECASE) is not None
        or (stem.isdigit() and (stem in _ASCENDING or stem in _ASCENDING[::-1]))
        or re.fullmatch(r"x+|[01]+", stem) is not None
        or (bare.isalpha() and _EXCUSES.fullmatch(bare) is not None)
        or is_filler(text)
    )


def is_filler(text: str) -> bool:
    """Whether a text is what firmware says when nobody filled it in."""
    bare = "".join(c for c in text.casefold() if c.isalnum())
    return bare in _PLACEHOLDERS or bare.startswith("tobefilled")


def imei(text: object) -> Identifier | None:
    """An IMEI by its first 14 digits (the check digit is often absent or zero); None for a placeholder or a wrong check digit."""
    digits = _bare(text)
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in {14, 15, 16} or len(set(digits)) <= 2:
        return None
    if len(digits) == 15:
        try:
            stdnum_imei.validate(digits)
        except ValidationError:
            if not digits.endswith("0"):
                return None
    return Identifier(IdKind.IMEI, digits[:14])


def meid(text: object) -> Identifier | None:
    """A MEID by its 14 hexadecimal digits, upper case, also of the decimal form; None when it is not one, or is an IMEI in disguise."""
    digits = _bare(text)
    try:
        value = stdnum_meid.validate(digits) if digits.isascii() else ""
    except ValidationError:
        return None
    return Identifier(IdKind.MEID, value) if value and not value.isdigit() and len(set(value)) > 2 else None


def meid_or_imei(text: object) -> Identifier | None:
    """What stands in a field for MEIDs: Intune gives the IMEI there too (contracts/intune.md section 12)."""
    return meid(text) or imei(text)


def mac(text: object) -> Identifier | None:
    """A permanent unicast MAC as 12 lower-case hex digits; None for random (locally administered), group and shared ones."""
    digits = _bare(text).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or digits in _SHARED_MACS or len(set(digits)) <= 1:
        return None
    if digits.startswith(_VIRTUAL):
        return None
    if int(digits[:2], 16) & (_LOCALLY_ADMINISTERED | _GROUP):
        return None
    return Identifier(IdKind.MAC, digits)


def _bare(text: object) -> str:
    """Letters and digits, without what people write between and sheets put before them: blanks, any dash, dots, an apostrophe."""
    if not isinstance(text, str):
        return ""
    return re.sub(r"[\W_]+", "", text if text.isascii() else unicodedata.normalize("NFKC", text))


def asset_tag(text: object) -> Identifier | None:
    """An asset tag, folded to upper case without blanks; a person's label, so any non-empty text but a masked personal identity code."""
    value = "".join(text.upper().split()) if isinstance(text, str) else ""
    return Identifier(IdKind.ASSET_TAG, value) if value and MASK not in value else None


def mac_text(value: str) -> str:
    """`a4:c3:f0:00:14:22` for people."""
    return ":".join(value[i : i + 2] for i in range(0, len(value), 2))
