"""The one place that every record passes on its way in: personal identity codes are masked before it is hashed, read or stored."""

import msgspec
import orjson

from devreg.domain.personal_codes import EXEMPT, masked, may_hold_code, without_codes
from devreg.ports import Page, Record, Rejected


def clear_of_codes(page: Page) -> tuple[Page, int]:
    """The page without personal identity codes; how many texts of its records held one.

    A record whose own id is one can't be kept: masked, it would be the id of every such record.
    """
    kept: list[Record] = []
    rejected = list(page.rejected)
    total = 0
    for item in page.records:
        if not _is_suspicious(item):
            kept.append(item)
            continue
        (body, found), (volatile, more) = without_codes(item.body), without_codes(item.volatile)
        if masked(item.native_id) != item.native_id and not _is_named_by_identifier(item):
            raw = orjson.dumps(body).decode()
            rejected.append(Rejected(masked(item.native_id), "its id is a personal identity code", raw))
        else:
            # One with a code is read each time, so that its source is told of until somebody corrects it.
            row_hash = b"" if found or more else item.row_hash
            kept.append(msgspec.structs.replace(item, body=body, volatile=volatile, row_hash=row_hash))
        total += found + more
    return msgspec.structs.replace(page, records=tuple(kept), rejected=tuple(rejected)), total


def _is_suspicious(item: Record) -> bool:
    try:
        return may_hold_code(orjson.dumps((str(item.native_id), item.body, item.volatile)))
    except TypeError:
        return False  # no JSON: ingest refuses it, and what is kept of a refused record is masked there


def _is_named_by_identifier(item: Record) -> bool:
    said = {"".join(str(value).split()).upper() for name, value in item.body.items() if name in EXEMPT}
    return any(value in item.native_id.upper() for value in said if value)
