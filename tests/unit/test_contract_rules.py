"""Dates, states and costs of contracts; among them the date faults that GLPI's users reported."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.contract import (
    NOTICE_LEAD,
    ContractState,
    Decision,
    Fees,
    Marks,
    Standing,
    Terms,
    end_of,
    net_cents,
    notice_by,
    standing,
)
from devreg.domain.months import last_day, month_start, months_begun

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
FEES = Fees(
    monthly_fee_cents=2000,
    residual_cents=3500,
    extension_fee_cents=1500,
    damage_fee_cents=5000,
    missing_fee_cents=20000,
)
LEASE = Terms(start=date(2024, 1, 1), months=36, notice_days=90, return_days=14)
"""Ends on 31 December 2026; notice by 2 October; back by 14 January 2027."""


def on(day: date, marks: Marks = Marks(), terms: Terms = LEASE, fees: Fees = FEES, kind: str = "lease") -> Standing:
    return standing(kind, terms, fees, marks, day)


@given(DAYS, st.integers(0, 240))
def test_months_join_without_a_gap_and_without_an_overlap(first: date, months: int) -> None:
    begins, ends = month_start(first, months), last_day(first, months)
    assert begins is not None
    assert ends is not None
    assert begins - ends == timedelta(days=1)
    assert months_begun(first, begins) == months + 1
    assert months_begun(first, ends) == months


@given(DAYS, st.integers(0, 400))
def test_a_month_of_the_last_day_does_not_drift(first: date, months: int) -> None:
    begins = month_start(first, months)
    assert begins is not None
    assert begins.day in {first.day, 1}
    assert begins.day == first.day or first.day > 28


def test_a_year_from_the_first_of_january_ends_on_the_last_of_december() -> None:
    assert last_day(date(2026, 1, 1), 12) == date(2026, 12, 31)
    assert last_day(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert last_day(date(2024, 2, 29), 12) == date(2025, 2, 28)


@given(DAYS, st.integers(1, 120), st.integers(1, 60), DAYS)
def test_glpi_14703_a_renewal_adds_its_own_length_and_not_the_first_period_again(
    start: date, months: int, renewal: int, today: date
) -> None:
    terms = Terms(start=start, months=months, renewal_months=renewal)
    end, first = end_of(terms, today), last_day(start, months)
    assert end is not None
    assert first is not None
    added = months_begun(start, end) - months
    assert added % renewal == 0
    assert end >= today or today <= first
    assert added == 0 or (before := last_day(start, months + added - renewal)) is None or before < today


def test_glpi_14703_sixty_months_and_twelve_are_seventy_two() -> None:
    terms = Terms(start=date(2020, 1, 1), months=60, renewal_months=12)
    assert end_of(terms, date(2025, 1, 1)) == date(2025, 12, 31)


@given(DAYS, st.integers(1, 120), st.integers(1, 24), st.integers(0, 12))
def test_glpi_15893_the_first_period_ends_once_and_notice_lies_before_the_end_that_comes(
    start: date, months: int, renewal: int, notice: int
) -> None:
    terms = Terms(start=start, months=months, renewal_months=renewal, notice_months=notice)
    first = last_day(start, months)
    assert first is not None
    assert end_of(terms, start) == end_of(terms, first) == first
    said = notice_by(terms, first)
    assert said is not None
    assert said <= first
    assert notice == 0 or months_begun(said, first) >= notice


def test_glpi_15893_three_years_then_a_year_at_a_time_with_three_months_of_notice() -> None:
    terms = Terms(start=date(2020, 8, 1), months=36, renewal_months=12, notice_months=3)
    assert end_of(terms, date(2023, 7, 31)) == date(2023, 7, 31)
    assert end_of(terms, date(2023, 10, 31)) == date(2024, 7, 31)
    assert notice_by(terms, date(2024, 7, 31)) == date(2024, 4, 30)


@given(DAYS, st.integers(1, 36), st.integers(0, 180), st.integers(0, 5000))
def test_glpi_23084_notice_is_counted_from_the_renewed_end(end: date, renewal: int, notice: int, days: int) -> None:
    terms = Terms(end=end, renewal_months=renewal, notice_days=notice)
    today = end + timedelta(days=days)
    known = on(today, terms=terms, kind="support")
    assert known.ends is not None
    assert known.ends >= today
    assert known.notice_by == known.ends - timedelta(days=notice)


def test_glpi_23084_two_months_before_the_renewed_end() -> None:
    terms = Terms(end=date(2025, 8, 28), renewal_months=12, notice_months=2)
    known = on(date(2026, 2, 11), terms=terms, kind="support")
    assert (known.ends, known.notice_by) == (date(2026, 8, 28), date(2026, 6, 28))


def test_a_renewal_of_no_months_ends_and_does_not_go_on_for_ever() -> None:
    terms = Terms(end=date(2025, 8, 28), renewal_months=0)
    assert end_of(terms, date(2026, 2, 11)) == date(2025, 8, 28)
    assert on(date(2026, 2, 11), terms=terms, kind="support").state is ContractState.ENDED


def test_ends_of_months_stay_ends_of_months_when_renewed() -> None:
    terms = Terms(end=date(2024, 1, 31), renewal_months=1)
    ends = [end_of(terms, date(2024, month, 15)) for month in range(2, 6)]
    assert ends == [date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31)]


@given(DAYS, st.integers(0, 2**31), st.integers(0, 2**31))
def test_numbers_beyond_the_calendar_are_not_known_and_nothing_breaks(start: date, months: int, days: int) -> None:
    terms = Terms(start=start, months=months, notice_days=days, return_days=days, renewal_months=months)
    assert on(date(2026, 1, 1), terms=terms).state in ContractState


def test_a_lease_goes_through_its_states_as_its_days_come() -> None:
    lead = timedelta(days=NOTICE_LEAD)
    assert on(date(2023, 12, 31)).state is ContractState.NOT_BEGUN
    assert on(date(2024, 1, 1)).state is ContractState.RUNNING
    assert on(date(2026, 10, 2) - lead).state is ContractState.NOTICE_DUE
    assert on(date(2026, 10, 2) - lead - timedelta(days=1)).state is ContractState.RUNNING
    assert on(date(2026, 12, 31)).state is ContractState.RETURN_WINDOW
    assert on(date(2027, 1, 14)).state is ContractState.RETURN_WINDOW
    assert on(date(2027, 1, 15)).state is ContractState.OVERDUE


def test_the_next_day_to_mind_is_that_of_the_state() -> None:
    known = on(date(2026, 9, 1))
    assert (known.notice_by, known.return_from, known.return_by) == (
        date(2026, 10, 2),
        date(2026, 12, 31),
        date(2027, 1, 14),
    )
    assert known.next_on == date(2026, 10, 2)
    assert on(date(2027, 1, 1)).next_on == on(date(2027, 2, 1)).next_on == date(2027, 1, 14)


def test_what_is_decided_stays_decided_until_the_window_opens_and_is_overdue_like_the_rest() -> None:
    marks = Marks(Decision.RETURN, decided_for=date(2026, 12, 31))
    assert on(date(2026, 9, 1), marks).state is ContractState.DECIDED
    assert on(date(2026, 12, 31), marks).state is ContractState.RETURN_WINDOW
    assert on(date(2027, 2, 1), marks).state is ContractState.OVERDUE


def test_an_extension_is_used_up_with_the_end_it_was_for() -> None:
    marks = Marks(Decision.EXTEND, decided_for=date(2026, 12, 31), extended_to=date(2027, 12, 31))
    assert on(date(2026, 12, 1), marks).state is ContractState.DECIDED
    assert on(date(2027, 1, 20), marks).state is ContractState.RUNNING
    assert on(date(2027, 9, 1), marks).state is ContractState.NOTICE_DUE
    assert on(date(2027, 1, 20), marks).ends == date(2027, 12, 31)


def test_what_is_bought_out_is_never_overdue() -> None:
    marks = Marks(Decision.BUY_OUT, decided_for=date(2026, 12, 31))
    assert on(date(2026, 12, 31), marks).state is ContractState.DECIDED
    assert on(date(2027, 5, 1), marks).state is ContractState.BOUGHT_OUT


def test_a_missing_device_that_is_found_and_returned_is_returned() -> None:
    missing = Marks(missing_on=date(2027, 1, 20))
    assert on(date(2027, 1, 20), missing).state is ContractState.MISSING
    found = Marks(missing_on=date(2027, 1, 20), returned_on=date(2027, 3, 1))
    assert on(date(2027, 3, 1), found).state is ContractState.RETURNED


def test_a_contract_without_any_date_is_undated_and_its_costs_are_not_known() -> None:
    known = on(date(2026, 1, 1), terms=Terms())
    assert (known.state, known.cost_so_far_cents, known.cost_to_end_cents) == (ContractState.UNDATED, None, None)


def test_support_that_is_over_has_ended_and_no_return_window() -> None:
    known = on(date(2027, 1, 1), kind="support")
    assert (known.state, known.return_by) == (ContractState.ENDED, None)


def test_every_month_begun_is_paid_and_what_is_left_is_the_rest_of_the_term() -> None:
    assert on(date(2024, 1, 1)).cost_so_far_cents == 2000
    assert on(date(2024, 1, 1)).cost_to_end_cents == 35 * 2000
    assert on(date(2026, 12, 31)).cost_so_far_cents == 36 * 2000
    assert on(date(2026, 12, 31)).cost_to_end_cents == 0


@given(DAYS, st.integers(1, 60), DAYS)
def test_paid_and_to_come_make_the_whole_term_on_any_day_before_the_end(start: date, months: int, today: date) -> None:
    terms = Terms(start=start, months=months, return_days=5000)
    known = on(today, terms=terms)
    so_far, to_come = known.cost_so_far_cents, known.cost_to_end_cents
    assert so_far is not None
    assert to_come is not None
    assert known.state is ContractState.OVERDUE or so_far + to_come == months * 2000


def test_each_month_that_a_device_is_late_costs_a_fee() -> None:
    whole = 36 * 2000
    assert on(date(2027, 1, 14)).cost_so_far_cents == whole
    assert on(date(2027, 1, 15)).cost_so_far_cents == whole + 1500
    assert on(date(2027, 2, 15)).cost_so_far_cents == whole + 2 * 1500
    returned = Marks(returned_on=date(2027, 2, 1))
    assert on(date(2027, 8, 1), returned).cost_so_far_cents == whole + 1500


def test_a_missing_device_costs_its_price_and_no_more_rent() -> None:
    marks = Marks(missing_on=date(2026, 1, 15))
    known = on(date(2026, 6, 1), marks)
    assert (known.cost_so_far_cents, known.cost_to_end_cents) == (25 * 2000 + 20000, 0)


def test_an_extension_costs_its_own_fee_and_a_buy_out_the_residual() -> None:
    longer = Marks(Decision.EXTEND, decided_for=date(2026, 12, 31), extended_to=date(2027, 6, 30))
    assert on(date(2026, 12, 31), longer).cost_to_end_cents == 6 * 1500
    assert on(date(2027, 2, 1), longer).cost_so_far_cents == 36 * 2000 + 2 * 1500
    bought = Marks(Decision.BUY_OUT, decided_for=date(2026, 12, 31))
    assert on(date(2026, 12, 1), bought).cost_to_end_cents == 3500
    assert on(date(2027, 2, 1), bought).cost_so_far_cents == 36 * 2000 + 3500


def test_a_fee_that_nobody_said_is_not_taken_for_nothing() -> None:
    known = on(date(2026, 6, 1), fees=Fees())
    assert (known.cost_so_far_cents, known.cost_to_end_cents) == (None, None)
    lost = on(date(2026, 6, 1), Marks(missing_on=date(2026, 1, 1)), fees=Fees(monthly_fee_cents=1000))
    assert lost.cost_so_far_cents is None


def test_what_is_to_come_is_known_from_the_end_alone() -> None:
    known = on(date(2026, 10, 15), terms=Terms(end=date(2026, 12, 31)))
    assert (known.cost_so_far_cents, known.cost_to_end_cents) == (None, 2 * 2000)


def test_an_end_by_a_person_stops_the_rent() -> None:
    marks = Marks(ended_on=date(2024, 3, 31))
    known = on(date(2024, 4, 1), marks)
    assert (known.state, known.cost_so_far_cents, known.cost_to_end_cents) == (ContractState.ENDED, 3 * 2000, 0)


def test_value_added_tax_is_taken_out_to_the_cent() -> None:
    assert net_cents(12550, 25.5) == 10000
    assert net_cents(2000, None) == net_cents(2000, 0) == 2000


def test_what_renews_itself_is_past_deciding_once_its_day_for_notice_has_passed() -> None:
    terms = Terms(end=date(2026, 12, 31), notice_months=3, renewal_months=12)
    assert on(date(2026, 9, 30), terms=terms, kind="support").state is ContractState.NOTICE_DUE
    late = on(date(2026, 10, 1), terms=terms, kind="support")
    assert (late.state, late.next_on) == (ContractState.RUNNING, date(2026, 12, 31))
