"""The circulation workbook's figures are those of the lists; and who is offered what."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from register_rig import browser, noon_today, page, row, run

from devreg.circulating import Calendar, Circulation
from devreg.domain.carbon import saved
from devreg.domain.circulation import offers
from devreg.domain.device import Kind
from devreg.domain.observation import Subject
from devreg.ports import Query
from devreg.services.circulation import Picture, picture
from devreg.services.offering import weigh
from devreg.services.yardsticks import follow
from devreg.settings import Equality
from devreg.store.engine import Sessions
from exports import circulation as workbook


def city(sessions: Sessions) -> Picture:
    now = noon_today()
    follow(sessions, Calendar(public_holidays=False, breaks={}), Circulation(), now)
    lease = {"number": "L1", "kind": "lease", "start": "2024-01-01", "end": "2099-05-31", "monthly_fee_cents": 1000}
    seen = {"kind": "chromebook", "use": "pupil", "unit": "a", "stage": "7-9", "state": "in_use", "manages": True}
    records = (
        row("a", Subject.UNIT, id="a", name_fi="A-koulu", kind="school", language="fi"),
        row("h", Subject.HEADCOUNT, unit="a", date="2020-09-20", stage="7-9", pupils=5),
        row("1", serial="SER1", as_of=now - timedelta(days=73), contract=lease, **seen),
        row("2", serial="SER2", as_of=now - timedelta(days=73), contract={**lease, "number": "L2", "monthly_fee_cents": None}, **seen),
        row("3", serial="SER3", as_of=now - timedelta(days=1), **seen),
        row("4", serial="SER4", kind="chromebook", state="in_stock"),
        row("5", serial="SER5", kind="chromebook", state="in_stock", support_end="2020-01-01"),
        row("6", serial="SER6", kind="phone", state="in_stock"),
    )  # fmt: skip
    run(sessions, page(*records), now=now)
    weigh(sessions, Equality(), now)
    return picture(sessions, Circulation(), "fi", now)


def test_the_figures_are_sums_of_the_list(sessions: Sessions) -> None:
    found = city(sessions).figures
    seen = browser(sessions)
    idle = seen.rows("circulation", seen.keys("circulation", Query(where=(("idle", "true"), ("leased", "true")))))
    assert (found.idle_leased, found.cost_cents, found.monthly_cents, found.fee_unknown) == (2, 2400, 1000, 1)
    assert len(idle) == 2
    assert sum(line["idle_cost"] or 0 for line in idle) == found.cost_cents  # type: ignore[misc]
    assert found.devices == 6
    assert found.idle_unknown == 1  # the phone: no source sees phones


def test_what_lies_in_stock_is_offered_to_the_unit_that_lacks_it(sessions: Sessions) -> None:
    (offer,) = city(sessions).offers.rows
    assert offer == {
        "kind": "chromebook",
        "devices": 1,
        "giver": None,
        "giver_name": None,
        "taker": "a",
        "taker_name": "A-koulu",
    }
    run(
        sessions,
        page(row("9", serial="SER4", state="in_use")),
        name="hand",
        kind="sheet",
        now=noon_today() + timedelta(hours=1),
    )
    weigh(sessions, Equality(), noon_today() + timedelta(hours=1))
    assert browser(sessions).whole("offers").rows == []


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_workbook_prints_the_figures_and_names_its_carbon_source(
    sessions: Sessions, tmp_path: Path, language: str
) -> None:
    workbook.write(city(sessions), tmp_path / "x.xlsx", language)
    book = load_workbook(tmp_path / "x.xlsx")
    cells = [cell.value for line in book.worksheets[0].iter_rows() for cell in line if cell.value is not None]
    assert 24 in cells
    assert 10 in cells
    assert any("Boavizta" in str(value) for value in cells)
    assert len(book.worksheets) == 6
    assert [sheet.tables != {} for sheet in book.worksheets] == [True] * 6


def test_a_kind_without_a_carbon_figure_is_counted_apart() -> None:
    found = saved({"laptop": 2, "desktop": 3, None: 1}, {Kind.LAPTOP: (150, 300)})
    assert (found.low_kg, found.high_kg, found.devices, found.unknown) == (300, 600, 2, 4)


_kinds = st.sampled_from(["phone", "tablet", "laptop"])


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.lists(_kinds, unique=True).map(tuple)),
             unique_by=lambda need: need[0]),
    st.dictionaries(st.tuples(st.sampled_from(["d", "e", None]), _kinds), st.integers(0, 9)),
)  # fmt: skip
def test_nothing_is_offered_twice_nor_more_than_is_lacking(
    needs: list[tuple[str, int, tuple[str, ...]]], stock: dict[tuple[str | None, str], int]
) -> None:
    made = offers(needs, stock)
    for place, there in stock.items():
        assert sum(offer.devices for offer in made if (offer.giver, offer.kind) == place) <= there
    for taker, lacking, kinds in needs:
        given = [offer for offer in made if offer.taker == taker]
        assert sum(offer.devices for offer in given) <= lacking
        assert {offer.kind for offer in given} <= set(kinds)
