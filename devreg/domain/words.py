"""English msgids of the words that are stored: states, kinds, verdicts, rungs."""

from typing import Final

from devreg.domain import action_words, alarm, clusters, lifecycle, phones, provenance, tools
from devreg.domain.fields import DEVICE_FIELDS
from devreg.domain.rights import Right, Role

LABELS: Final = {
    **action_words.LABELS,
    "laptop": "laptop", "desktop": "desktop", "phone": "phone", "tablet": "tablet", "chromebook": "Chromebook",
    "switch": "switch", "router": "router", "firewall": "firewall", "access_point": "access point",
    "controller": "controller", "printer": "printer", "ups": "UPS", "server": "server", "storage": "storage",
    "other": "other",
    "pupil": "pupil", "staff": "staff", "shared": "shared", "digilab": "DigiLab", "infrastructure": "infrastructure",
    "ece": "early childhood", "pre": "pre-primary", "1-2": "grades 1–2", "3-6": "grades 3–6",
    "7-9": "grades 7–9", "upper": "upper secondary",
    "planned": "planned", "ordered": "ordered", "in_stock": "in stock", "in_use": "in use", "in_repair": "in repair",
    "lost": "lost", "retired": "retired", "disposed": "disposed",
    "company": "city's own", "personal": "personal",
    "replace_soon": "replace soon", "replace_now": "replace now",
    "to_do": "to do", "begun": "begun", "given_up": "given up",
    "surplus": "surplus", "shortage_shared": "shares the shortage", "wipe_first": "wiping", "move": "move",
    "enrol": "enrol", "label": "label",
    "tell_lessor": "tell the lessor",
    "wrong_kind": "of a kind that pupils don't use", "support_ends": "support ends before", "lease_ends": "lease ends before",
    "school": "school", "daycare": "day-care centre", "office": "office", "campus": "campus",
    "lease": "lease", "support": "support contract", "warranty": "warranty", "subscription": "subscription",
    "undated": "dates not known", "not_begun": "not begun", "notice_due": "notice due", "decided": "decided",
    "return_window": "return window", "overdue": "overdue", "returned": "returned", "bought_out": "bought out",
    "missing": "can't be found", "ended": "ended", "return": "return", "extend": "extend", "buy_out": "buy out",
    "lowest": "lowest", "expected": "expected", "highest": "highest",
    "covered": "covered", "no_contract": "no contract", "warranty_only": "warranty only",
    "row": "its own row", "iccid": "SIM card", "phone_number": "phone number", "registration": "sign-in with a device",
    "Workplace": "registered", "AzureAd": "joined", "ServerAd": "joined on site",
    "device": "device", "person": "person", "unit": "unit", "headcount": "head-count",
    "running": "running", "complete": "complete", "partial": "partial", "held": "held", "failed": "failed",
    "changed": "changed", "unchanged": "unchanged", "rejected": "rejected", "ambiguous": "ambiguous",
    "contract.number": "Contract number", "contract.kind": "Contract type", "contract.supplier": "Contract supplier",
    "contract.start": "Contract starts", "contract.end": "Contract ends", "contract.months": "Months",
    "contract.notice_days": "Notice (days)",
    "contract.notice_months": "Notice (months)", "contract.renewal_months": "Renewal (months)", "contract.vat_rate": "VAT included",
    "contract.return_days": "Return window (days)", "contract.monthly_fee_cents": "Monthly fee",
    "contract.residual_cents": "Residual value",
    "contract.extension_fee_cents": "Extension fee", "contract.damage_fee_cents": "Damage fee", "contract.missing_fee_cents": "Missing fee",
    "contract.insured": "Insured", "contract.device": "Device", "contract.document": "Document", "contract.decision": "Decision",
    "contract.decided_for": "Decided for", "contract.extended_to": "Extended to", "contract.returned_on": "Returned on",
    "contract.damaged": "Damaged", "contract.missing_on": "Missing since", "contract.ended_on": "Last day in the contract",
    "unit.id": "Unit id", "unit.name_fi": "Name in Finnish",
    "unit.name_sv": "Name in Swedish",
    "unit.kind": "Type", "unit.language": "Language", "unit.campus": "Campus", "unit.parent": "Belongs to", "headcount.unit": "Unit",
    "headcount.stage": "Stage", "headcount.date": "Counted on", "headcount.pupils": "Pupils", "headcount.groups": "Groups",
    "headcount.staff": "Staff",
    "matched": "matched", "new": "new", "review": "to review", "kept": "kept",
    "native id": "source's id", "serial number": "serial number",
    "earlier serial number": "earlier serial number", "IMEI": "IMEI", "MEID": "MEID", "MAC address": "MAC address",
    "up": "up", "down": "down", "testing": "testing", "unknown": "unknown",
    "dormant": "dormant", "notPresent": "not present", "lowerLayerDown": "lower layer down",
    "celsius": "°C", "percent": "%", "min": "min", "impressions": "impressions", "sheets": "sheets", "hours": "hours", "items": "items",
    "toner": "toner", "waste toner": "waste toner", "ink": "ink", "waste ink": "waste ink", "drum": "drum", "developer": "developer",
    "fuser": "fuser", "transfer unit": "transfer unit", "supply": "supply", "tray": "paper tray", "battery": "battery", "charge": "charge",
    "power": "power", "output source": "output fed by", "runtime": "runtime", "time on battery": "time on battery",
    "temperature": "temperature", "humidity": "humidity", "load": "load", "memory": "memory", "virtual memory": "virtual memory",
    "flash": "flash memory", "unlimited": "unlimited", "some left": "some left", "empty": "empty", "normal": "normal", "low": "low",
    "depleted": "depleted", "none": "none", "mains": "mains", "bypass": "bypass", "booster": "booster", "reducer": "reducer",
    "idle": "idle", "printing": "printing", "warming up": "warming up", "paper low": "paper low", "no paper": "no paper",
    "toner low": "toner low", "no toner": "no toner", "door open": "door open", "jammed": "jammed", "offline": "offline",
    "service requested": "service requested", "no input tray": "no input tray", "no output tray": "no output tray",
    "cartridge missing": "cartridge missing", "output near full": "output nearly full", "output full": "output full",
    "input tray empty": "input tray empty", "overdue maintenance": "maintenance overdue",
    "lldp": "LLDP", "cdp": "CDP", "announced": "says so itself", "edge": "plugged in here", "likely": "probably here",
    "behind": "behind this port",
    "fi": "Finnish", "sv": "Swedish", "en": "English", "registered": "registered",
    "missing_since": "not seen since", "google": "Google", "intune": "Intune", "snmp": "SNMP", "sheet": "spreadsheet", "added": "added",
    "merge": "merged", "split": "split", "keep": "kept apart", "undone": "undone", "decision": "decision",
    "a person's decision": "a person's decision", "value": "single value", "by hand": "by hand",
    "viewer": "viewer", "collector": "collector", "technician": "technician", "approver": "approver", "admin": "admin",
    "add": "added by hand", "accept": "held run accepted", "replay": "records replayed", "export": "taken out",
    "purge": "details removed", "import": "imported", "assign": "handed over", "release": "holder released",
    "receipt": "receipt made",
    "contract": "contract changed", "attach": "put into a contract", "detach": "taken out of a contract", "decide": "lease decided",
    "let_go": "let go from a contract",
    "first": "first", "wrapped": "wrapped", "reset": "reset", "unclear": "unclear", "answering": "answering", "silent": "silent",
    "enrolled": "enrolled", "enrolled_silent": "enrolled, silent", "enrolled_unlisted": "enrolled, not in our papers",
    "enrolled_as_personal": "enrolled as private", "left_management": "left management", "signed_in_only": "signed in, not managed",
    "enrolment_failed": "enrolment failed", "never_enrolled": "never enrolled", "papers_only": "only in papers",
    "not_known": "not known now", "out_of_use": "out of use", "private": "private phone",
    "managed_twice": "managed by two", "wiped_twice": "two can wipe it", "wrong_tool": "managed by another tool",
    "unmanaged": "managed by none", "register": "this register",
    "find": "find it before its lease ends", "return_or_move": "return it, or give it to somebody", "offer": "offer it to a unit",
    "ask": "ask whether it is needed", "too_small": "too small", "right": "as it should be", "too_large": "too large", "city": "whole city",
    "unplaced": "no unit",
    "not_found_yet": "not found yet", "found": "found", "not_found": "not found", "not_counted": "not counted",
    "misplaced": "in the wrong place", "unexpected": "not expected here", "unknown_code": "unknown code",
    "collect": "collected", "done": "done", "refused": "refused",
    "wiped": "wiped by its management tool", "deprovisioned": "left its management tool", "holder_left": "its holder has left",
    "seen_again": "seen again", "enrolment_seen": "a management tool has it", "unlisted": "no source lists it any more",
    "silent_long": "not heard of for long",
    "transition": "moved on", "dismiss": "suggestion dismissed",
}  # fmt: skip

REASONS: Final = (
    "seen by a source", "only lists know it", *lifecycle.NAMES, *provenance.REASONS, *clusters.REASONS, *alarm.REASONS,
    *phones.NEXT_STEPS.values(), *phones.HINDRANCES, *phones.OF_SIGN_INS, *tools.TEXTS,
)  # fmt: skip
"""Sentences that rules give as their reason; here so that the catalogues know them."""

ROLES: Final = {
    Role.VIEWER: "a viewer", Role.COLLECTOR: "a collector", Role.TECHNICIAN: "a technician", Role.APPROVER: "an approver",
    Role.ADMIN: "an admin",
}  # fmt: skip
RIGHTS: Final = {
    Right.COLLECT: "read from sources", Right.EDIT: "edit devices", Right.DECIDE: "answer questions of identity",
    Right.ACCEPT: "accept held runs", Right.KEEP: "keep the database", Right.OPERATE: "say who may do what",
    Right.DISPOSE: "write off and dispose of devices", Right.ACT: "act on devices from afar",
    Right.APPROVE: "approve what others requested", Right.VERIFY: "say that a wiped device was looked at",
}  # fmt: skip
"""As they stand in a sentence: `anna is a viewer here; this needs the right to edit devices.`"""


def label(word: str) -> str:
    """The msgid of a stored word or of a field's name; a word this program does not know (a source's new one) is its own label."""
    if word in LABELS or word not in DEVICE_FIELDS:
        return LABELS.get(word, word)
    return DEVICE_FIELDS[word].label
