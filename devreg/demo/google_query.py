"""The Directory API's `query` for Chromebooks, as far as the stand-in offers it, and its page size."""

import shlex
from typing import Any, Final

from devreg.demo.google_errors import Problem, failure

_STATUS: Final = {
    "provisioned": ("ACTIVE",),
    "disabled": ("DISABLED",),
    "deprovisioned": ("DEPROVISIONED",),
    "managed": None,
}
_CONTAINS: Final = {
    "asset_id": "annotatedAssetId",
    "location": "annotatedLocation",
    "note": "notes",
    "user": "annotatedUser",
    "public_model_name": "model",
}


def matches(row: dict[str, Any], text: str) -> bool:
    """Whether a device fits every term. Raises ValueError for an operator the stand-in does not offer."""
    return all(_fits(row, *_split(term)) for term in shlex.split(text))


def _split(term: str) -> tuple[str, str]:
    operator, colon, value = term.partition(":")
    if not colon:
        raise ValueError(f"{term} is no operator:value this loopback stand-in understands")
    return operator, value


def _fits(row: dict[str, Any], operator: str, value: str) -> bool:
    if operator == "id":
        # Substring, as the service does: a caller that takes the first hit gets the wrong device.
        if len(value) < 3:
            raise ValueError("id: needs at least 3 characters")
        return value.lower() in str(row.get("serialNumber", "")).lower()
    if operator == "status" and value in _STATUS:
        wanted = _STATUS[value]
        return row["status"] != "DEPROVISIONED" if wanted is None else row["status"] in wanted
    if operator in ("wifi_mac", "ethernet_mac"):
        return (
            value.lower() == str(row.get("macAddress" if operator == "wifi_mac" else "ethernetMacAddress", "")).lower()
        )
    if operator in _CONTAINS:
        return value.lower() in str(row.get(_CONTAINS[operator], "")).lower()
    raise ValueError(f"{operator}:{value} is not offered by this loopback stand-in")


def size_of(query: dict[str, str], default: int, most: int) -> int:
    """Rows a page, as the old calls take it. Raises Problem out of their range."""
    text = query.get("maxResults", str(default))
    if not text.isdigit() or not 1 <= int(text) <= most:
        message = f"Invalid value '{text}'. Values must be within the range: [1, {most}]"
        raise Problem(failure(400, "invalidParameter", message, location="maxResults"))
    return int(text)
