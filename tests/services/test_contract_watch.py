"""What people are told of contracts, and what `devreg check` finds."""

from datetime import date, timedelta

from devreg.domain.contract import ContractKind
from devreg.i18n import Catalogue
from devreg.ports import Severity
from devreg.services import contract_watch, contracts, leases
from devreg.services.devices import add
from devreg.services.reckoning import reckon
from devreg.services.troubles import review
from devreg.store import schema
from devreg.store.engine import Sessions
from tests.register_rig import NOON, actor, page, row, rows, run
from tests.services.test_contracts import TODAY, at, leased, list_leases


def critical(sessions: Sessions, serial: str = "SERVER1") -> int:
    return add(sessions, actor(), {"serial": serial, "kind": "server", "critical": True}, None, NOON)


def supported(sessions: Sessions, device_id: int, end: date, kind: ContractKind = ContractKind.SUPPORT) -> int:
    number = contracts.add(sessions, actor(), kind, None, {"start": date(2026, 1, 1), "end": end}, None, NOON)
    contracts.attach(sessions, actor(), number, [device_id], {}, reason=None, now=NOON)
    return number


def told(sessions: Sessions) -> list[tuple[str, str]]:
    return sorted((line["about"], line["kind"]) for line in rows(sessions, schema.trouble))


def faults(sessions: Sessions, days: int = 60) -> list[tuple[Severity, str]]:
    return [(finding.severity, finding.what) for finding in contract_watch.findings(sessions, days, NOON)]


def test_a_critical_device_without_valid_support_is_a_fault(sessions: Sessions) -> None:
    assert faults(sessions) == []
    critical(sessions)
    assert faults(sessions) == [(Severity.FAULT, "critical devices without a valid support contract: 1 of 1")]


def test_support_that_has_ended_or_not_begun_or_is_only_a_warranty_is_none(sessions: Sessions) -> None:
    over, unborn, warranty = critical(sessions, "OVER1"), critical(sessions, "UNBORN1"), critical(sessions, "WARRANTY1")
    supported(sessions, over, TODAY - timedelta(days=1))
    late = contracts.add(
        sessions, actor(), ContractKind.SUPPORT, "late", {"start": TODAY + timedelta(days=1)}, None, NOON
    )
    contracts.attach(sessions, actor(), late, [unborn], {}, reason=None, now=NOON)
    supported(sessions, warranty, date(2030, 1, 1), ContractKind.WARRANTY)
    counted = contract_watch.coverage(sessions, 60, NOON)
    assert (counted.critical, counted.without) == (3, 3)


def test_a_valid_contract_covers_also_where_an_older_one_has_ended(sessions: Sessions) -> None:
    number = critical(sessions)
    supported(sessions, number, TODAY - timedelta(days=1))
    supported(sessions, number, TODAY)
    assert contract_watch.coverage(sessions, 60, NOON).without == 0
    reckon(sessions, actor(), at(TODAY + timedelta(days=1)))
    assert contract_watch.coverage(sessions, 60, NOON).without == 1


def test_support_that_ends_within_the_days_of_the_settings_is_advice(sessions: Sessions) -> None:
    supported(sessions, critical(sessions), TODAY + timedelta(days=40))
    assert [what for _, what in faults(sessions, 40)] == [
        "all critical devices have a valid support contract: 1",
        "critical devices whose support ends within 40 days: 1",
        "contracts that end within 40 days: 1",
    ]
    assert [severity for severity, _ in faults(sessions, 39)] == [Severity.OK]


def test_a_device_out_of_use_needs_no_support(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SERVER1", critical=True, state="retired")), name="papers", kind="sheet")
    assert contract_watch.coverage(sessions, 60, NOON).critical == 0


def test_notices_tell_of_notice_due_a_window_that_opens_and_what_is_overdue_and_end_when_it_is_seen_to(
    sessions: Sessions,
) -> None:
    list_leases(sessions, leased("PHONE1"), leased("PHONE2"))
    review(sessions, [], NOON)
    assert told(sessions) == [("C000001 L1", "notice_due")]
    for day, kind in ((date(2026, 12, 31), "return_window"), (date(2027, 1, 15), "overdue")):
        reckon(sessions, actor(), at(day))
        review(sessions, [], at(day))
        assert told(sessions) == [("C000001 L1", kind)]
    leases.returned(sessions, actor(), 1, [1, 2], date(2027, 1, 16), reason=None, now=at(date(2027, 1, 16)))
    review(sessions, [], at(date(2027, 1, 16)))
    assert told(sessions) == []
    assert [line["phase"] for line in rows(sessions, schema.notice)].count("ended") == 3


def test_a_reminder_comes_again_after_a_week_and_not_every_day(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"))
    for days in range(15):
        review(sessions, [], NOON + timedelta(days=days))
    assert [line["phase"] for line in rows(sessions, schema.notice)] == ["began", "lasts", "lasts"]


def test_a_lost_device_whose_lease_runs_on_is_told_until_it_is_noted_as_missing(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1", start="2026-01-01"))
    run(sessions, page(row("x", serial="PHONE1", state="lost")), name="papers", kind="sheet")
    review(sessions, [], NOON)
    assert told(sessions) == [("D000001", "lost_lease")]
    leases.missing(sessions, actor(), 1, [1], TODAY, reason=None, now=NOON)
    review(sessions, [], NOON)
    assert told(sessions) == []


def test_support_of_a_critical_device_that_ends_or_has_ended_is_told(sessions: Sessions) -> None:
    supported(sessions, critical(sessions), TODAY + timedelta(days=10))
    review(sessions, [], NOON)
    assert told(sessions) == [("D000001", "support_ending")]
    after = at(TODAY + timedelta(days=11))
    reckon(sessions, actor(), after)
    review(sessions, [], after)
    assert told(sessions) == [("D000001", "support_gap")]


def test_what_is_told_is_told_in_the_readers_language(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"))
    review(sessions, [], NOON)
    (what,) = [line["what"] for line in rows(sessions, schema.trouble)]
    assert Catalogue("sv").said(what) != what
    assert "2026-10-02" in Catalogue("fi").said(what)


def test_support_that_renews_itself_does_not_end_soon(sessions: Sessions) -> None:
    number = supported(sessions, critical(sessions), TODAY + timedelta(days=10))
    contracts.change(sessions, actor(), number, {"renewal_months": 12}, reason="as agreed", now=NOON)
    assert [severity for severity, _ in faults(sessions)] == [Severity.OK]
