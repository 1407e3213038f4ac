"""Lists by unit: the reserve in stock against its target, and leases that end together."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Float,
    Integer,
    String,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    null,
    or_,
    select,
)

from devreg.domain.circulation import Reserve, Scope
from devreg.domain.device import State
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import folded, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import contract, contract_device, device, unit
from devreg.store.views.circulation import GOES_ROUND, lease_of, number

_PER_MILLE: Final = 1_000
_SUMMER: Final = (6, 7)
"""Months in which a school can do without its devices."""


def spares(unit_name: ViewColumn) -> View:
    """Devices in stock for those in use, by kind: in the whole city, and in each unit."""
    by = _stock_by_unit_and_kind()
    share = case((by.c.in_use > 0, cast(by.c.in_stock, Float) / by.c.in_use))
    least, most = number("spares_least"), number("spares_most")
    wanted = cast(by.c.in_use * least + _PER_MILLE - 1, BigInteger) // _PER_MILLE
    allowed = cast(by.c.in_use * most + _PER_MILLE - 1, BigInteger) // _PER_MILLE
    reserve = case(
        (or_(least.is_(None), by.c.kind.is_(None)), null()),
        (by.c.in_stock < wanted, str(Reserve.TOO_SMALL)),
        (by.c.in_stock > allowed, str(Reserve.TOO_LARGE)),
        else_=str(Reserve.RIGHT),
    )
    return View(
        name="spares",
        title=N_("Reserve"),
        key=by.c.scope.concat(":")
        .concat(func.coalesce(by.c.unit, ""))
        .concat(":")
        .concat(func.coalesce(by.c.kind, "")),
        source=by.outerjoin(unit, unit.c.id == by.c.unit),
        columns=(
            word("scope", N_("Where"), by.c.scope, 11),
            text("unit", N_("Unit id"), by.c.unit, 14),
            unit_name,
            word("kind", N_("Kind"), by.c.kind),
            typed("in_use", N_("In use"), by.c.in_use, ColumnType.INTEGER, 8),
            typed("in_stock", N_("In stock"), by.c.in_stock, ColumnType.INTEGER, 8),
            typed("share", N_("Reserve"), share, ColumnType.PERCENT, 8),
            typed("wanted", N_("Wanted at least"), wanted, ColumnType.INTEGER, 9),
            typed("allowed", N_("Wanted at most"), allowed, ColumnType.INTEGER, 9),
            word("reserve", N_("Assessment"), reserve, 14),
        ),
        shown=("scope", "unit_name", "kind", "reserve", "in_stock", "in_use", "share"),
        order=(by.c.scope, by.c.unit.is_(None), by.c.unit, by.c.kind.is_(None), by.c.kind),
        facets=("scope", "kind", "reserve", "unit_name"),
        search=(folded(func.coalesce(by.c.unit, "")), by.c.kind),
    )


def _stock_by_unit_and_kind() -> Any:
    in_use = cast(func.sum(case((device.c.state == State.IN_USE, 1), else_=0)), Integer).label("in_use")
    in_stock = cast(func.sum(case((device.c.state == State.IN_STOCK, 1), else_=0)), Integer).label("in_stock")
    scope = case((device.c.unit.is_(None), str(Scope.NO_UNIT)), else_=str(Scope.UNIT)).label("scope")
    each = (
        select(scope, device.c.unit, device.c.kind, in_use, in_stock)
        .where(GOES_ROUND)
        .group_by(device.c.unit, device.c.kind)
    )
    nowhere = cast(null(), String).label("unit")
    city = (
        select(literal(str(Scope.CITY)).label("scope"), nowhere, device.c.kind, in_use, in_stock)
        .where(GOES_ROUND)
        .group_by(device.c.kind)
    )
    return city.union_all(each).subquery("stock")


def cliffs(unit_name: ViewColumn) -> View:
    """How many of each unit's devices come to the end of their lease in which quarter."""
    ends = _ends_by_unit_and_quarter()
    whole = select(device.c.unit, func.count().label("devices")).where(GOES_ROUND).group_by(device.c.unit)
    stock = whole.subquery("whole")
    share = cast(ends.c.ending, Float) / stock.c.devices
    is_cliff = and_(
        ends.c.unit.is_not(None), ends.c.ending * _PER_MILLE > stock.c.devices * number("cliff_share")
    )  # devices of no unit are no unit's loss
    return View(
        name="cliffs",
        title=N_("Lease ends by quarter"),
        key=func.coalesce(ends.c.unit, "").concat(":").concat(ends.c.quarter),
        source=ends.join(stock, stock.c.unit.is_not_distinct_from(ends.c.unit)).outerjoin(
            unit, unit.c.id == ends.c.unit
        ),
        columns=(
            text("quarter", N_("Quarter"), ends.c.quarter, 8),
            text("unit", N_("Unit id"), ends.c.unit, 14),
            unit_name,
            typed("ending", N_("Leases that end"), ends.c.ending, ColumnType.INTEGER, 9),
            typed("devices", N_("Devices of the unit"), stock.c.devices, ColumnType.INTEGER, 9),
            typed("share", N_("Share"), share, ColumnType.PERCENT, 7),
            typed("is_cliff", N_("Lease cliff"), is_cliff, ColumnType.BOOLEAN, 7),
            typed("in_term", N_("End in term"), ends.c.in_term, ColumnType.INTEGER, 8),
            typed("monthly_fee", N_("Monthly fee"), ends.c.fee, ColumnType.MONEY_CENTS, 12),
            typed("fee_unknown", N_("Fee not known"), ends.c.fee_unknown, ColumnType.INTEGER, 8),
        ),
        shown=("quarter", "unit_name", "ending", "devices", "share", "is_cliff", "in_term", "monthly_fee"),
        order=(ends.c.quarter, ends.c.ending.desc(), ends.c.unit.is_(None), ends.c.unit),
        facets=("quarter", "unit_name", "is_cliff"),
        search=(folded(func.coalesce(ends.c.unit, "")), ends.c.quarter),
    )


def _ends_by_unit_and_quarter() -> Any:
    each = (
        select(
            device.c.id,
            device.c.unit,
            func.max(contract_device.c.ends).label("end"),
            func.max(contract_device.c.monthly_fee_cents).label("fee"),
        )
        .select_from(contract_device)
        .join(contract, contract.c.id == contract_device.c.contract_id)
        .join(device, lease_of(device.c.id))
        .where(GOES_ROUND)
        .group_by(device.c.id, device.c.unit)
        .subquery("each")
    )
    month = cast(extract("month", each.c.end), Integer)
    quarter = (
        cast(cast(extract("year", each.c.end), Integer), String).concat(" Q").concat(cast((month + 2) // 3, String))
    )
    return (
        select(
            each.c.unit,
            quarter.label("quarter"),
            cast(func.count(), Integer).label("ending"),
            cast(func.sum(case((month.in_(_SUMMER), 0), else_=1)), Integer).label("in_term"),
            cast(func.sum(each.c.fee), BigInteger).label("fee"),
            cast(func.count() - func.count(each.c.fee), Integer).label("fee_unknown"),
        )
        .where(each.c.end.is_not(None))
        .group_by(each.c.unit, quarter)
        .subquery("ends")
    )
