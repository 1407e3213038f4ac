"""The list of what people did and how runs ended: the audit trail."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from devreg.domain.device import run_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import folded, ref, text, typed, word
from devreg.store.query import View
from devreg.store.schema import audit as row
from devreg.store.schema import audit_detail as detail


class _Hex(FunctionElement[str]):
    """Bytes as people compare them."""

    type = String()
    inherit_cache = True


@compiles(_Hex, "sqlite")
def _hex_on_sqlite(element: _Hex, compiler: SQLCompiler, **options: Any) -> str:
    return f"lower(hex({compiler.process(element.clauses, **options)}))"


@compiles(_Hex, "postgresql")
def _hex_on_postgresql(element: _Hex, compiler: SQLCompiler, **options: Any) -> str:
    return f"encode({compiler.process(element.clauses, **options)}, 'hex')"


def audit() -> View:
    """Every act, newest first; who, why and the values are empty where their time is over."""
    return View(
        name="audit",
        title=N_("Audit trail"),
        key=row.c.seq,
        source=row.outerjoin(detail, detail.c.seq == row.c.seq),
        columns=(
            typed("seq", N_("Row"), row.c.seq, ColumnType.INTEGER, 6),
            typed("at", N_("When"), row.c.at, ColumnType.DATETIME, 16),
            text("actor", N_("By"), detail.c.actor, 16),
            text("entra", N_("Entra name"), detail.c.entra, 24),
            word("role", N_("Role"), row.c.role),
            text("right", N_("Right"), row.c.right, 10),
            word("act", N_("Act"), row.c.act, 20),
            text("about", N_("About"), row.c.about, 14),
            word("outcome", N_("Outcome"), row.c.outcome, 14),
            text("reason", N_("Reason"), detail.c.reason, 30),
            typed("error", N_("Error"), detail.c.error, ColumnType.SENTENCE, 40),
            text("before", N_("From"), detail.c.before, 24),
            text("after", N_("To"), detail.c.after, 24),
            ref("run", N_("Run"), row.c.run_id, run_ref, "R"),
            typed("intent", N_("Action"), row.c.intent_id, ColumnType.INTEGER, 8),
            text("host", N_("Machine"), detail.c.host, 16),
            typed("clock_back", N_("Clock went back"), row.c.clock_back, ColumnType.BOOLEAN, 8),
            text("hash", N_("Hash"), _Hex(row.c.hash), 64),
        ),
        shown=("seq", "at", "actor", "act", "about", "outcome", "reason"),
        order=(row.c.seq.desc(),),
        facets=("actor", "act", "outcome", "role"),
        search=(folded(detail.c.actor), folded(row.c.about), folded(row.c.act), folded(detail.c.reason)),
    )
