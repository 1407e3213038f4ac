"""The contracts workbook: the same figures as the lists, in three languages."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from devreg.contract_options import Contracts
from devreg.i18n import LANGUAGES, Catalogue
from devreg.services import contract_report
from devreg.services.browse import Browser
from devreg.store.engine import Sessions
from exports import contracts as workbook
from tests.register_rig import NOON, page, row, run
from tests.services.test_contracts import leased, list_leases


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_shows_the_lists_sums_by_state_and_three_cases_of_each_class(
    sessions: Sessions, tmp_path: Path, language: str
) -> None:
    run(
        sessions,
        page(row("a", serial="PHONE1", kind="phone", price_cents=60000), row("c", serial="SRV1", critical=True)),
    )
    list_leases(sessions, leased("PHONE1"), leased("PHONE2", number="=L2", end="2026-10-31"))
    seen = contract_report.picture(sessions, Browser(sessions, language), Contracts(), NOON)
    out = tmp_path / "contracts.xlsx"
    workbook.write(seen, out, language)
    sheets = load_workbook(out).worksheets
    t = Catalogue(language)
    assert [sheet.title for sheet in sheets] == [t(name)[:31] for name in workbook.SHEETS]
    summary = [[cell.value for cell in line] for line in sheets[0].iter_rows()]
    states = {line[0]: line[1:6] for line in summary if line[0] in {t("overdue"), t("notice due")}}
    assert [states[t("notice due")][i] for i in (0, 2, 3, 4)] == [1, 20.0, 35 * 20.0, 20.0]
    assert [states[t("overdue")][i] for i in (0, 2, 3)] == [1, 20.0, 34 * 20.0 + 15.0]
    assert [t("without a valid support contract"), 1] in [line[:2] for line in summary]
    compared = [[cell.value for cell in line[:6]] for line in sheets[4].iter_rows(min_row=4, max_row=6)]
    assert [line[:2] for line in compared] == [[t("phone"), t(case)] for case in ("lowest", "expected", "highest")]
    assert [line[2] for line in compared] == sorted(line[2] for line in compared)
    assert sheets[1].max_row - 2 == len(seen.leases.rows) == 2


def test_the_last_row_of_the_states_is_every_lease_and_not_known_where_one_sum_is_not(
    sessions: Sessions, tmp_path: Path
) -> None:
    run(sessions, page(row("a", serial="PHONE1", kind="phone"), row("b", serial="PHONE2", kind="phone")))
    list_leases(sessions, leased("PHONE1"), leased("PHONE2", number="L2", end="2026-10-31", monthly_fee_cents=None))
    seen = contract_report.picture(sessions, Browser(sessions, "en"), Contracts(), NOON)
    states = contract_report.by_state(seen.leases.rows)
    known = [row["cost_so_far"] for row in states]
    assert None in known
    assert any(known)
    every = contract_report.total(states)
    assert every["devices"] == len(seen.leases.rows) == 2
    assert every["cost_so_far"] is None
    assert every["next_on"] == min(row["next_on"] for row in seen.leases.rows if row["next_on"])
    workbook.write(seen, tmp_path / "contracts.xlsx", "en")
    summary = load_workbook(tmp_path / "contracts.xlsx").worksheets[0]
    (last,) = [line for line in summary.iter_rows(max_row=8) if line[0].value == "all"]
    assert (last[1].value, last[4].value, last[1].font.bold) == (2, None, True)


def test_a_wide_list_prints_its_first_columns_and_holds_them_all(sessions: Sessions, tmp_path: Path) -> None:
    run(sessions, page(row("a", serial="PHONE1", kind="phone")))
    list_leases(sessions, leased("PHONE1"))
    seen = contract_report.picture(sessions, Browser(sessions, "fi"), Contracts(), NOON)
    workbook.write(seen, tmp_path / "contracts.xlsx", "fi")
    sheet = load_workbook(tmp_path / "contracts.xlsx").worksheets[1]
    assert sheet.max_column == len(seen.leases.columns)
    last = sheet[sheet.print_area.split("!")[1]][0][-1].column
    widths = [sheet.column_dimensions[get_column_letter(n + 1)].width for n in range(len(seen.leases.columns))]
    assert sum(widths[:last]) <= 215 < sum(widths[: last + 1])
    assert sheet.print_title_rows == "$2:$2"
    printed = [column.key for column in seen.leases.columns[:last]]
    assert {"state", "next_on", "unit_name", "number", "monthly_fee"} <= {*printed}
