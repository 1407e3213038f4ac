"""What lists leave blank (memory, SIM card, wired address): asked for once, when a device is new or its row has changed.

docs/decisions/0008-details-by-memory.md says why so.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from collectors.intune_graph import Graph
from collectors.intune_map import DETAIL_KEYS, with_details, without_details
from devreg.errors import Broken, DevregError
from devreg.i18n import N_
from devreg.ports import ListedRow, Memory, Page, Record, Rejected


class Details:
    """The details of one run's devices; after the first refusal no more are asked for in it."""

    def __init__(self, graph: Graph, memory: Memory | None) -> None:
        self._graph = graph
        self._memory = memory
        self._refused = False

    def filled(self, page: Page) -> Page:
        """The page with the details of its devices, remembered or asked for; rows that say what they said before stay as they are.

        A device whose details could not be had is no listed row any more: it is read, and they are asked for, the next time too.
        """
        fresh = self._memory.unread(page) if self._memory else {row.native_id for row in page.listed}
        rows = {row.native_id: row for row in page.listed if row.native_id in fresh}
        read = {name: row.read() for name, row in rows.items()}
        kept = self._memory.bodies([*read]) if self._memory and read else {}
        told = {name: _carried(found, kept.get(name)) for name, found in read.items() if isinstance(found, Record)}
        found, warnings = self._asked({name: record for name, record in told.items() if _is_wanting(record)})
        whole = {name: record for name, record in (read | told | found).items() if not _is_wanting(record)}
        return msgspec.structs.replace(
            page,
            listed=tuple(
                _read_already(row, whole) for row in page.listed if row.native_id not in read.keys() - whole.keys()
            ),
            records=(*page.records, *(told[name] for name in told.keys() - whole.keys())),
            warnings=(*page.warnings, *warnings),
        )

    def _asked(self, wanting: Mapping[str, Record]) -> tuple[dict[str, Record], list[str]]:
        """The records that could be filled; a device that is gone by now stays as it was listed."""
        if not wanting or self._refused:
            return {}, []
        found: dict[str, Record] = {}
        failed = 0
        try:
            for name, status, answer in self._graph.each(_paths(wanting)):
                if status == 200:
                    try:
                        found[name] = with_details(wanting[name], answer)
                    except Broken:
                        failed += 1
                elif status != 404:
                    failed += 1
                    self._refused = self._refused or status in {401, 403}
        except DevregError as error:
            self._refused = True
            return found, [error.what, _LEFT]
        return found, [
            N_(f"Memory, SIM card and wired address could not be read of {failed} devices.")
        ] if failed else []


_LEFT = N_("Memory, SIM card and wired address are read in a later run.")


def _paths(names: Iterable[str]) -> dict[str, str]:
    fields = ",".join(("id", *DETAIL_KEYS))
    return {name: f"/deviceManagement/managedDevices/{quote(name, safe='')}?$select={fields}" for name in names}


def _carried(record: Record, kept: Mapping[str, Any] | None) -> Record:
    """The record with the details that are known of it; they count as asked for only while its row is as it was."""
    if kept is None or _is_private(record):
        return record
    same = bool(kept.get("detailed")) and without_details(kept) == without_details(record.body)
    known = {key: kept[key] for key in DETAIL_KEYS if key in kept}
    return msgspec.structs.replace(record, body={**record.body, **known, **({"detailed": True} if same else {})})


def _read_already(row: ListedRow, read: Mapping[str, Record | Rejected]) -> ListedRow:
    return msgspec.structs.replace(row, read=lambda: read[row.native_id]) if row.native_id in read else row


def _is_wanting(record: Record | Rejected) -> bool:
    return isinstance(record, Record) and not record.body.get("detailed") and not _is_private(record)


def _is_private(record: Record) -> bool:
    """The SIM card and network card of somebody's own phone are not the city's to know."""
    return record.body.get("managedDeviceOwnerType") == "personal"
