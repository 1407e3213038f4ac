"""Which system should manage which devices, as the register has it: so that lists and views of the database judge alike on every host."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from devreg.domain.tools import ToolRule
from devreg.store.counters import one_at_a_time
from devreg.store.schema import tool_rule


def in_force(session: Session) -> tuple[ToolRule, ...]:
    """The rules, first one first; none before the first collection."""
    columns = (tool_rule.c.tool, tool_rule.c.kind, tool_rule.c.unit, tool_rule.c.use)
    return tuple(ToolRule(*row) for row in session.execute(select(*columns).order_by(tool_rule.c.position)))


def put_in_force(session: Session, rules: Sequence[ToolRule]) -> None:
    """Judge by these from now on; nothing is written where they are in force already."""
    if in_force(session) == tuple(rules):
        return
    one_at_a_time(session)  # several sources may begin at once
    rows = [
        {"position": place, "kind": rule.kind, "unit": rule.unit, "use": rule.use, "tool": rule.tool}
        for place, rule in enumerate(rules, 1)
    ]
    session.execute(delete(tool_rule))
    if rows:
        session.execute(insert(tool_rule), rows)
