"""Everything the contracts workbook shows, in one language: the lists as on screen, and lease, buy and keep compared."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.contract_options import Contracts, Rates, Three
from devreg.domain.device import Kind
from devreg.domain.lease_or_buy import Assumed, Case, Compared, compare
from devreg.domain.months import months_begun
from devreg.services.browse import Browser, Listed
from devreg.services.contract_watch import Coverage, coverage
from devreg.store import contract_watch
from devreg.store.engine import Sessions, told_plainly

_USUAL_TERM: Final = 36
_SUMMED: Final = ("monthly_fee", "cost_so_far", "cost_to_end")
_OF_LEASES: Final = (
    "state", "next_on", "device_id", "model", "serial", "unit_name", "holder", "number", "end", "monthly_fee", "cost_to_end", "supplier",
    "device", "start", "notice_by", "return_by", "decision", "cost_so_far", "residual", "device_state", "last_seen",
)  # fmt: skip
"""There may be 100,000 rows, and each cell takes its time: the rest stands in `devreg list leases --format csv`."""
_CONTRACTS_LED_BY: Final = (
    "id", "kind", "number", "supplier", "state", "next_on", "start", "end", "notice_by", "return_by", "devices", "monthly_fee",
    "cost_so_far", "cost_to_end",
)  # fmt: skip
_COVERAGE_LED_BY: Final = ("gap", "valid_until")
_COMPARED: Final = (Kind.LAPTOP, Kind.PHONE, Kind.TABLET, Kind.CHROMEBOOK, Kind.DESKTOP)


class ComparedLine(msgspec.Struct, frozen=True):
    """One case of one class: what was taken for given, and what it comes to."""

    kind: Kind
    case: Case
    leased: int
    """Devices whose fee is known."""
    given: Assumed
    compared: Compared


class ContractsPicture(msgspec.Struct, frozen=True):
    """What the workbook shows."""

    made_at: datetime
    leases: Listed
    contracts: Listed
    coverage: Listed
    covered: Coverage
    compared: tuple[ComparedLine, ...]


def picture(sessions: Sessions, browser: Browser, settings: Contracts, now: datetime) -> ContractsPicture:
    """The contracts as they were last reckoned."""
    leases = browser.whole("leases", columns=_OF_LEASES)
    contracts, covered = browser.whole("contracts"), browser.whole("coverage")
    counted = coverage(sessions, settings.warn_days, now)
    return ContractsPicture(
        now,
        leases,
        contracts.led_by(_CONTRACTS_LED_BY),
        covered.led_by(_COVERAGE_LED_BY),
        counted,
        tuple(_compared(sessions, settings)),
    )


def _compared(sessions: Sessions, settings: Contracts) -> Iterator[ComparedLine]:
    with told_plainly("read the contracts"), sessions.read.begin() as session:
        fees, prices = contract_watch.fees(session), contract_watch.prices(session)
    fees_of: dict[str, list[int]] = {}
    terms_of: dict[str, list[int]] = {}
    for row in fees:
        fees_of.setdefault(row.kind, []).append(row.fee)
        term = row.months or (months_begun(row.start, row.ends) if row.start and row.ends else None)
        terms_of.setdefault(row.kind, []).append(term or _USUAL_TERM)
    prices_of: dict[str, list[int]] = {}
    for kind, cents in prices:
        prices_of.setdefault(kind, []).append(cents)
    for kind in _COMPARED:
        if kind not in fees_of and kind not in prices_of:
            continue
        rates = settings.rates.get(kind, Rates())
        months = sorted(terms_of.get(kind, [_USUAL_TERM]))
        for place, case in enumerate(Case):
            fee, price = _spread(fees_of.get(kind, ()), place), _spread(prices_of.get(kind, ()), place)
            given = _assumed(rates, settings.interest, place, fee, price, months[len(months) // 2])
            yield ComparedLine(kind, case, len(fees_of.get(kind, ())), given, compare(given))


def _assumed(rates: Rates, interest: Three, place: int, fee: int | None, price: int | None, months: int) -> Assumed:
    """`place`: 0 low, 1 base, 2 high."""

    def cents(three: Three) -> float:
        return three[place] * 100

    return Assumed(
        interest=interest[place] / 100,
        fee=fee,
        months=months,
        setup=cents(rates.setup),
        late_months=rates.late_months[place],
        damage=rates.damaged_share[place] * cents(rates.damage_fee),
        missing=rates.missing_share[place] * cents(rates.missing_fee),
        price=price,
        life_years=rates.life_years,
        repairs=cents(rates.repairs),
        disposal=cents(rates.disposal),
        residual=cents(rates.residual),
        keep_years=rates.keep_years,
        keep_repairs=cents(rates.keep_repairs),
    )


def _spread(values: Sequence[int], place: int) -> int | None:
    """The lowest tenth, the middle or the highest tenth of what the register knows."""
    ordered = sorted(values)
    return ordered[round((len(ordered) - 1) * (0.1, 0.5, 0.9)[place])] if ordered else None


def by_state(rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Leases by state: devices, first day to mind, and sums, which are not known where one is not."""
    found: dict[str, list[Mapping[str, object]]] = {}
    for row in rows:
        found.setdefault(str(row["state"]), []).append(row)
    lines = []
    for state, members in sorted(found.items(), key=lambda item: -len(item[1])):
        days = [row["next_on"] for row in members if row["next_on"] is not None]
        sums = {name: _total([row[name] for row in members]) for name in _SUMMED}
        first = min(days) if days else None  # type: ignore[type-var]
        lines.append({"state": state, "devices": len(members), "next_on": first, **sums})
    return lines


def total(lines: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """All of `by_state` together."""
    days = [line["next_on"] for line in lines if line["next_on"] is not None]
    sums = {name: _total([line[name] for line in lines]) for name in ("devices", *_SUMMED)}
    return {"next_on": min(days, default=None), **sums}  # type: ignore[type-var]


def _total(values: Sequence[object]) -> int | None:
    known = [value for value in values if isinstance(value, int)]
    return sum(known) if len(known) == len(values) else None
