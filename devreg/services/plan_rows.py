"""A plan as rows: the same columns and values for the command line, the workbook and the screen."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from devreg.domain.device import device_ref
from devreg.domain.planning import STORE, Plan, Scenario
from devreg.domain.words import label
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from devreg.services.planning import PickedMove, Planned

NAMES: Final = {
    Scenario.SURPLUS: N_("move the surplus"),
    Scenario.SHARE: N_("share the shortage"),
    Scenario.BUDGET: N_("share it, spend the budget"),
    Scenario.FULL: N_("move the surplus, buy the rest"),
}
_INT, _WORD = ColumnType.INTEGER, ColumnType.WORD

SCENARIOS: Final = (
    Column("scenario", N_("Plan"), ColumnType.TEXT, 4),
    Column("what", N_("What is done"), ColumnType.SENTENCE, 30),
    Column("moves", N_("Moves"), _INT, 6),
    Column("bought", N_("Bought"), _INT, 6),
    Column("cost_cents", N_("Cost"), ColumnType.MONEY_CENTS, 10),
    Column("worst", N_("Lowest coverage"), ColumnType.PERCENT, 8),
    Column("short", N_("Still missing"), _INT, 6),
)
DEVICES: Final = (
    Column("row", N_("Row"), _INT, 4),
    Column("source_name", N_("Moves from"), ColumnType.TEXT, 16),
    Column("target_name", N_("Moves to"), ColumnType.TEXT, 16),
    Column("stage", N_("Stage"), _WORD, 12),
    Column("device_id", N_("Device id"), ColumnType.TEXT, 8),
    Column("serial", N_("Serial number"), ColumnType.TEXT, 12),
    Column("steps", N_("Steps"), ColumnType.TEXT, 24),
    Column("model", N_("Model"), ColumnType.TEXT, 16),
    Column("kind", N_("Kind"), _WORD, 10),
    Column("asset_tag", N_("Asset tag"), ColumnType.TEXT, 10),
    Column("why", N_("Why it can go"), _WORD, 14),
    Column("support_end", N_("Support ends"), ColumnType.DATE, 11),
    Column("lessor", N_("Lessor"), ColumnType.TEXT, 16),
    Column("contract", N_("Contract number"), ColumnType.TEXT, 14),
    Column("holder", N_("Holder"), ColumnType.TEXT, 16),
    Column("managed_by", N_("Managed by"), ColumnType.TEXT, 12),
    Column("org_unit", N_("Organisational unit"), ColumnType.TEXT, 16),
    Column("source", N_("From unit"), ColumnType.TEXT, 14),
    Column("target", N_("To unit"), ColumnType.TEXT, 14),
)
PURCHASES: Final = (
    Column("unit_name", N_("Unit"), ColumnType.TEXT, 24),
    Column("stage", N_("Stage"), _WORD, 14),
    Column("kind", N_("Kind"), _WORD, 12),
    Column("devices", N_("Devices"), _INT, 8),
    Column("price_cents", N_("Price of one"), ColumnType.MONEY_CENTS, 10),
    Column("cost_cents", N_("Cost"), ColumnType.MONEY_CENTS, 12),
)
UNITS: Final = (
    Column("unit_name", N_("Unit"), ColumnType.TEXT, 24),
    Column("stage", N_("Stage"), _WORD, 14),
    Column("coverage_before", N_("Coverage before"), ColumnType.PERCENT, 8),
    Column("coverage_after", N_("Coverage after"), ColumnType.PERCENT, 8),
    Column("need", N_("Need"), _INT, 6),
    Column("before", N_("Before"), _INT, 6),
    Column("moved", N_("After moves"), _INT, 7),
    Column("bought", N_("Bought"), _INT, 6),
)


def scenario_rows(planned: Planned) -> list[dict[str, object]]:
    """A row of `SCENARIOS` for each."""
    return [
        {
            "scenario": str(plan.scenario),
            "what": NAMES[plan.scenario],
            "moves": plan.moved,
            "bought": plan.bought,
            "cost_cents": plan.cost_cents,
            "worst": _share(plan.worst),
            "short": plan.short,
        }
        for plan in planned.plans
    ]


def device_rows(planned: Planned, t: Catalogue) -> list[dict[str, object]]:
    """A row of `DEVICES` for each device that moves; `row` is what `plan accept --row` names."""
    return [
        {
            **{name: getattr(item.device, name) for name in _OF_DEVICE},
            "row": row,
            "device_id": device_ref(item.device.device_id),
            "kind": item.move.of.kind,
            "source": item.device.unit,
            "source_name": named(planned, t, item.device.unit or STORE),
            "target": item.move.target,
            "target_name": named(planned, t, item.move.target),
            "stage": item.move.stage,
            "why": _why(planned.chosen, item),
            "steps": ", ".join(t(label(job)) for job in item.jobs),
        }
        for row, item in enumerate(planned.devices, 1)
    ]


_OF_DEVICE: Final = (
    "asset_tag",
    "serial",
    "model",
    "support_end",
    "lessor",
    "contract",
    "holder",
    "managed_by",
    "org_unit",
)


def purchase_rows(planned: Planned, t: Catalogue) -> list[dict[str, object]]:
    """A row of `PURCHASES` for each."""
    return [
        {
            "unit": bought.unit,
            "unit_name": named(planned, t, bought.unit),
            "stage": bought.stage,
            "kind": bought.kind,
            "devices": bought.devices,
            "price_cents": bought.price_cents,
            "cost_cents": None if bought.price_cents is None else bought.price_cents * bought.devices,
        }
        for bought in planned.chosen.purchases
    ]


def unit_rows(planned: Planned, t: Catalogue) -> list[dict[str, object]]:
    """A row of `UNITS` for each stage of each unit, the lowest coverage of today first."""
    return [
        {
            "unit": line.need.unit,
            "unit_name": named(planned, t, line.need.unit),
            "stage": line.need.stage,
            "need": line.need.devices,
            "before": line.before,
            "moved": line.moved,
            "bought": line.bought,
            "coverage_before": line.before / line.need.devices,
            "coverage_after": line.after / line.need.devices,
        }
        for line in sorted(planned.chosen.results, key=lambda line: line.before / line.need.devices)
    ]


def notes(planned: Planned, t: Catalogue) -> Iterator[str]:
    """What a reader must know before trusting it."""
    for reason, devices in planned.left_out.items():
        yield t("Not counted: {devices} ({why}).", devices=t.number(devices), why=t(label(reason)))
    if planned.missing_counts:
        names = ", ".join(named(planned, t, unit) for unit in planned.missing_counts)
        yield t("Need not known, so neither giving nor getting: {units}.", units=names)
    if planned.chosen.cost_cents is None:
        yield t("The cost is not known: [equality] prices has no price for some of it.")
    if all(plan.proven for plan in planned.plans):
        yield t("Solver: {solver}; no plan is better.", solver=planned.chosen.solver)
    else:
        yield t("Solver: {solver}; the time was up, a better plan may exist.", solver=planned.chosen.solver)


def _why(plan: Plan, item: PickedMove) -> str:
    if item.move.source == STORE:
        return "in_stock"
    return "surplus" if plan.scenario.spares_donors else "shortage_shared"


def _share(worst: Fraction | None) -> float | None:
    return None if worst is None else float(worst)


def named(planned: Planned, t: Catalogue, unit: str) -> str:
    """A unit's name, or what the store is called."""
    if unit == STORE:
        return t("stock")
    return planned.units[unit].name(t.language) if unit in planned.units else unit
