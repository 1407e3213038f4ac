"""Who should manage a device and who does, on both engines: managed by none, by two, by another; two that can wipe it."""

from typing import Any

from register_rig import Listed, actor, browser, later, page, row, run

from devreg.domain.tools import AS_SHIPPED, NOBODY, ToolRule
from devreg.ports import Page, Query
from devreg.services.collect import collect
from devreg.services.ingest import Feed
from devreg.services.tools import rules
from devreg.store.engine import Sessions

CITY = "chrome-city"


def found(sessions: Sessions) -> dict[str, tuple[Any, ...]]:
    seen = browser(sessions, "en")
    lines = seen.rows("overlaps", seen.keys("overlaps", Query()))
    assert all(line["next_step"] for line in lines)
    return {str(line["serial"]): (line["finding"], line["should"]) for line in lines}


def managed(serial: str, **body: Any) -> Any:
    return row(serial, serial=serial, **{"manages": True, **body})


def run_by(sessions: Sessions, own: tuple[ToolRule, ...], name: str, *pages: Page) -> None:
    source = Listed(*pages)
    collect(sessions, actor(), source, Feed(name, "google", source.observe, (), "1", tools=own), lambda: later(5))


def test_each_finding_is_told_with_the_tool_that_should_manage_the_device(sessions: Sessions) -> None:
    intune = (
        managed("GOODPHONE", kind="phone", os="iOS"),
        managed("TWOTOOLS", kind="phone", os="Android"),
        managed("SHOWN", kind="chromebook", os="ChromeOS", manages=False),
        row("LOOSE", serial="LOOSE", kind="laptop", os="Windows"),
    )
    google = (
        managed("TWOTOOLS", kind="phone"),
        managed("SHOWN", kind="chromebook", os="ChromeOS"),
        managed("GOODBOOK", kind="chromebook"),
        managed("STRAY", kind="tablet", ownership="company"),
    )
    run(sessions, page(*intune))
    run(sessions, page(*google), name=CITY, kind="google", now=later(1))
    run(sessions, page(row("s", serial="SWITCH", kind="switch")), name="network", kind="snmp", now=later(2))
    assert found(sessions) == {
        "TWOTOOLS": ("managed_twice", "intune"),
        "SHOWN": ("wiped_twice", "google"),
        "STRAY": ("wrong_tool", "intune"),
        "LOOSE": ("unmanaged", "intune"),
    }


def test_of_two_consoles_the_one_of_the_unit_counts_and_the_citys_rules_come_first(sessions: Sessions) -> None:
    own = (ToolRule("other", "chromebook", "lukio"), ToolRule(NOBODY, "tablet"), *AS_SHIPPED)
    books = page(managed("A", kind="chromebook", unit="lukio"), managed("B", kind="chromebook", unit="kasavuori"))
    run(sessions, books, page(managed("T", kind="tablet")), name=CITY, kind="google")
    assert found(sessions) == {"T": ("wrong_tool", "intune")}
    run_by(sessions, own, "other", page())
    assert rules(sessions) == own
    assert found(sessions) == {"A": ("wrong_tool", "other"), "T": ("wrong_tool", "none")}


def test_gear_that_a_source_reads_is_in_hand_and_gear_that_only_a_list_knows_is_not(sessions: Sessions) -> None:
    run(sessions, page(row("s", serial="READ", kind="switch")), name="network", kind="snmp")
    run(sessions, page(row("t", serial="LISTED", kind="switch", state="in_use")), name="papers", kind="sheet")
    assert found(sessions) == {"LISTED": ("unmanaged", "snmp")}


def test_what_is_in_stock_or_out_of_use_or_private_or_of_no_rule_is_not_judged(sessions: Sessions) -> None:
    papers = [
        row(state, serial=state.upper(), kind="laptop", state=state) for state in ("in_stock", "retired", "ordered")
    ]
    run(sessions, page(*papers, row("x", serial="SERVER", kind="server", state="in_use")), name="papers", kind="sheet")
    private = managed("PRIVATE", kind="phone", ownership="personal", os="Android")
    run(sessions, page(private), name=CITY, kind="google", now=later(1))
    assert found(sessions) == {}


def test_a_source_whose_name_is_part_of_anothers_is_not_taken_for_it(sessions: Sessions) -> None:
    own = (ToolRule("city", "chromebook"),)
    run(sessions, page(row("b", serial="X")), name="city", kind="google")
    run_by(sessions, own, "my_city", page(managed("A", kind="chromebook")))
    assert found(sessions) == {"A": ("wrong_tool", "city")}
