"""What people and programs ordered a stand-in to do to devices: a ledger that tests and the demo read.

How to use the acting stand-ins, in a test or by hand:

* `graph.deeds.of(device_id)` lists every order received for a device, also one whose connection was cut before or after it was
  processed; `graph.deeds.destructive(device_id)` only those that may erase or give up the device. "Exactly one POST" is
  `len(graph.deeds.destructive(device_id)) == 1`. The same of `google.deeds`.
* Faults are scripted as for reads: `graph.faults.append(Fault(kind=FaultKind.DROP, method="POST", path_contains="/wipe"))`. DROP and
  HANG come before processing; DROP_AFTER, HANG_AFTER and STATUS_AFTER (503, say) after it; SLOW is processed and answered late.
* Devices live in a time of their own: `graph.pass_time(3600)` moves it on without ageing any token. Orders go through their states by
  that time at `graph.acts.pace`; a device in `graph.acts.offline` takes nothing until `graph.acts.see(device_id)`.
* `graph.acts.outcomes[(device_id, "wipe")] = "failed"` and the other knobs of `Acts`; `graph.approvals.on = True` for Multi Admin
  Approval, then `graph.approvals.approve(code, by=upn)`; `graph.entra.people.seated = upn` signs that person in.
* `google.acts` has the same knobs for Chromebooks: `offline`, `see`, `pace`, `outcomes`, `licences`, `cancel(command_id)`.
* `devreg demo` prints a control address where the same is done with a browser or curl (control.py).
"""

import threading
from collections.abc import Iterator

import msgspec


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One order as it arrived, and what became of it at the door."""

    device_id: str
    act: str
    """The service's own word: wipe, delete, REMOTE_POWERWASH, DEPROVISION."""
    destructive: bool
    """Whether it may erase the device or give it up."""
    by: str
    """Sign-in name of the person, or client id of the application; empty: nobody that the service knows."""
    method: str
    target: str
    body: bytes
    headers: dict[str, str]
    """client-request-id, content-type and those of approvals; never a token."""
    at: float
    """By the devices' time."""
    taken: bool = False
    """The service took the order. Whether the device carried it out is another matter."""
    status: int = 0
    """What the client was told; 0: nothing."""

    @property
    def client_request_id(self) -> str:
        """The id that the client gave it; empty: none."""
        return self.headers.get("client-request-id", "")


class Deeds:
    """Every order in the order they arrived."""

    def __init__(self) -> None:
        self._all: list[Deed] = []
        self._lock = threading.Lock()

    def add(self, deed: Deed) -> None:
        """Put one more down."""
        with self._lock:
            self._all.append(deed)

    def of(self, device_id: str) -> list[Deed]:
        """Orders for one device."""
        return [deed for deed in self if deed.device_id == device_id]

    def destructive(self, device_id: str | None = None) -> list[Deed]:
        """Orders that may erase or give up a device; of all devices when none is named."""
        return [deed for deed in self if deed.destructive and device_id in (None, deed.device_id)]

    def __iter__(self) -> Iterator[Deed]:
        with self._lock:
            return iter([*self._all])

    def __len__(self) -> int:
        return len(self._all)
