"""Follows orders in one tenant with the reading app, which could give none. Source: contracts/intune.md 7, 8, 9.1 and 10.

Where a device is, passcodes, PINs and bypass codes may stand beside what is read; none of it is passed on (safety.md 29, 33).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any, Final, TypeVar

from collectors.http import Limits, Missing
from collectors.intune_graph import Graph
from collectors.intune_options import IntuneOptions
from collectors.rows import moment
from devreg.action_ports import Sought
from devreg.domain.followed import SKEW, Reading, Result
from devreg.domain.platforms import DESTRUCTIVE, RemoteAct
from devreg.errors import Broken, DevregError
from devreg.settings import Loaded
from devreg.text import clean

_SELECTED: Final = "id,serialNumber,managementState,enrolledDateTime,lastSyncDateTime,deviceActionResults"
_AUDITED: Final[Mapping[RemoteAct, tuple[str, ...]]] = {
    RemoteAct.WIPE: ("factoryReset", "factoryResetKeepEnrollmentData"),
    RemoteAct.RETIRE: ("removeCompanyData",),
    RemoteAct.DELETE: ("delete",),
    RemoteAct.LOCK: ("remoteLock",),
    RemoteAct.RESET_PASSCODE: ("resetPasscode",),
    RemoteAct.LOST_MODE: ("enableLostMode",),
    RemoteAct.LOST_MODE_OFF: ("disableLostMode",),
    RemoteAct.LOCATE: ("locateDevice",),
    RemoteAct.REBOOT: ("rebootNow",),
    RemoteAct.SHUT_DOWN: ("shutDown",),
}
"""What the audit of remote actions calls each order."""
_MOST_PAGES: Final = 5
_MOST_RESULTS: Final = 50
_PROBED: Final = timedelta(hours=1)
"""So long after an order the tenant's log is looked through for it; later it has been found, or a person decides."""
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
T = TypeVar("T")


class IntuneReader:
    """What one tenant shows of its devices and orders."""

    limits: Limits = Limits(read_s=30, total_s=60, tries=3)

    def __init__(self, name: str, options: IntuneOptions, loaded: Loaded) -> None:
        self._name = name
        self._options = options
        self._folder = loaded.folder

    def read(self, sought: Sought) -> Reading:
        """The device's record by its id, then what else tells of the order. Raises Retryable, Refused or Broken when the first fails."""
        if sought.approval_code is not None:
            approval = self._unless_closed(lambda: self._approval(sought.approval_code or ""), None)
        else:
            approval = None
        row = self._record(sought.target.native_id)
        results = tuple(_results(row.get("deviceActionResults"))) if row else ()
        audits: tuple[Result, ...] = ()
        if sought.act in DESTRUCTIVE or not any(_began(entry, sought) for entry in results):
            audits = self._unless_closed(lambda: tuple(self._audits(sought)), ())
        if not audits and not results and self.limits.now() - sought.sent_at < _PROBED:
            audits = self._unless_closed(lambda: tuple(self._logged(sought)), ())
        return Reading(
            at=self.limits.now(),
            is_there=row is not None,
            serial=clean(row.get("serialNumber")) if row else None,
            state=clean(row.get("managementState"), 100) if row else None,
            results=results,
            audits=audits,
            approval=approval,
            enrolled_at=moment(row.get("enrolledDateTime")) if row else None,
            last_seen=moment(row.get("lastSyncDateTime")) if row else None,
        )

    def _record(self, native_id: str) -> dict[str, Any] | None:
        """The record; None: there is none of this id."""
        path = f"/deviceManagement/managedDevices/{_guid(self._name, native_id)}"
        try:
            row = self._graph.one(self._graph.url(path, {"$select": _SELECTED}))
        except Missing:
            return None
        if str(row.get("id")).casefold() != native_id.casefold():
            raise Broken(f"{self._name}: Intune answered about another device than was asked for.")
        return row

    def _audits(self, sought: Sought) -> Iterator[Result]:
        """Entries that outlive the record. A filter may be ignored, so each row is looked at."""
        for name in _AUDITED.get(sought.act, ()):
            query = {"$filter": f"action eq '{name}'", "$orderby": "requestDateTime desc"}
            url = self._graph.url("/deviceManagement/remoteActionAudits", query, beta=True)
            for row in self._rows(url):
                asked = moment(_text(row.get("requestDateTime")))
                is_ours = str(row.get("managedDeviceId")).casefold() == sought.target.native_id.casefold()
                if is_ours and str(row.get("action")).casefold() == name.casefold():
                    state = clean(row.get("actionState"), 100) or "unknown"
                    yield Result(name, state, asked, None)

    def _logged(self, sought: Sought) -> Iterator[Result]:
        """The tenant's log naming our order by the number that we sent with it: it arrived, and that is all."""
        begin = sought.sent_at - SKEW
        query = {"$filter": f"activityDateTime gt {begin.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        for row in self._rows(self._graph.url("/deviceManagement/auditEvents", query)):
            if str(row.get("correlationId")).casefold() == sought.request_id.casefold():
                name = _AUDITED.get(sought.act, (str(sought.act),))[0]
                yield Result(name, "requested", moment(_text(row.get("activityDateTime"))), None)

    def _approval(self, code: str) -> str | None:
        query = {"$filter": f"requestId eq '{_guid(self._name, code)}'"}
        url = self._graph.url("/deviceManagement/operationApprovalRequests", query, beta=True)
        states = [
            clean(row.get("status"), 100)
            for row in self._rows(url)
            if code.casefold() in {str(row.get("requestId")).casefold(), str(row.get("id")).casefold()}
        ]
        return states[0] if len(states) == 1 else None

    def _rows(self, url: str) -> Iterator[dict[str, Any]]:
        for rows, _ in islice(self._graph.rows(url), _MOST_PAGES):
            yield from (row for row in rows if isinstance(row, dict))

    def _unless_closed(self, read: Callable[[], T], otherwise: T) -> T:
        """What was read; what can't be told otherwise, because it needs a right that the app may not have, or is a beta that is down."""
        try:
            return read()
        except DevregError:
            return otherwise

    @cached_property
    def _graph(self) -> Graph:
        return Graph(self._name, self._options, self._folder, self.limits)


def _results(entries: Any) -> Iterable[Result]:
    """The record's entries, newest first, without what they hold besides: places, passcodes, PINs."""
    found = [
        Result(
            name,
            clean(entry.get("actionState"), 100) or "unknown",
            moment(_text(entry.get("startDateTime"))),
            moment(_text(entry.get("lastUpdatedDateTime"))),
        )
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and (name := clean(entry.get("actionName"), 100))
    ]
    return sorted(found, key=lambda entry: entry.started or _LONG_AGO, reverse=True)[:_MOST_RESULTS]


_LONG_AGO: Final = datetime(1990, 1, 1, tzinfo=UTC)


def _began(entry: Result, sought: Sought) -> bool:
    return entry.started is not None and entry.started >= sought.sent_at - SKEW


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _guid(name: str, text: str) -> str:
    """The id, fit to stand in an address. Raises Broken when it is none of Microsoft's."""
    if not _GUID.fullmatch(text):
        raise Broken(f"{name}: {clean(text, 60)} is no id of Intune's.")
    return text
