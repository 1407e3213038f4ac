"""What the demo's people have done about contracts, so that every state of a lease and every gap in support is to be seen."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from devreg import wiring
from devreg.domain.contract import ContractKind, Decision
from devreg.domain.device import parse_ref
from devreg.ports import Query, Row
from devreg.services import contracts, editing, leases
from devreg.services.browse import Browser
from devreg.services.leases import Wish
from devreg.wiring import App

_WHY: Final = "demo"


def sign(app: App) -> None:
    """Decide about some leases, buy one out, return one, miss one; three critical switches: supported, soon not, not at all."""
    sessions, actor, now = app.sessions, app.actor(), wiring.now()
    browser = Browser(sessions, "fi")
    running = _first(browser, "leases", 5, state="running")
    wishes = (Wish(Decision.RETURN), Wish(Decision.EXTEND, months=12), Wish(Decision.BUY_OUT))
    for lease, wish in zip(running, wishes, strict=False):
        leases.decide(sessions, actor, _number(lease, "contract", "C"), [_device(lease)], wish, reason=_WHY, now=now)
    for lease in _first(browser, "leases", 1, state="overdue"):  # kept at the end of its lease, and paid for
        bought = Wish(Decision.BUY_OUT)
        leases.decide(sessions, actor, _number(lease, "contract", "C"), [_device(lease)], bought, reason=_WHY, now=now)
    for lease in running[3:4]:
        contract_id = _number(lease, "contract", "C")
        leases.returned(sessions, actor, contract_id, [_device(lease)], now.date(), reason=_WHY, now=now)
    for lease in running[4:5]:
        contract_id = _number(lease, "contract", "C")
        leases.missing(sessions, actor, contract_id, [_device(lease)], now.date(), reason=_WHY, now=now)
    ends = (now.date() + timedelta(days=500), now.date() + timedelta(days=25), None)
    for switch, end in zip(_first(browser, "network", 3, kind="switch"), ends, strict=False):
        device_id = _number(switch, "id", "D")
        editing.edit(sessions, actor, device_id, {"critical": True}, reason=_WHY, now=now)
        if end is not None:
            terms = {
                "supplier": "Keksitty Tuki Oy",
                "start": end - timedelta(days=730),
                "end": end,
                "monthly_fee_cents": 4500,
            }
            contract_id = contracts.add(sessions, actor, ContractKind.SUPPORT, None, terms, _WHY, now)
            contracts.attach(sessions, actor, contract_id, [device_id], {}, reason=_WHY, now=now)


def _first(browser: Browser, view: str, count: int, **where: str) -> Sequence[Row]:
    return browser.rows(view, browser.keys(view, Query(where=tuple(where.items()), limit=count)))


def _device(lease: Row) -> int:
    return _number(lease, "device_id", "D")


def _number(row: Row, key: str, prefix: str) -> int:
    return parse_ref(prefix, str(row[key])) or 0
