"""tools: which system should manage which devices, and what each may be trusted for."""

from pathlib import Path
from typing import Final

from devreg import wiring
from devreg.commands.looking import print_rows
from devreg.domain.tools import TRUSTED
from devreg.domain.words import label
from devreg.i18n import N_
from devreg.ports import Column, ColumnType
from devreg.services.tools import rules
from devreg.terminal import note, say

_RULES: Final = (
    Column("kind", N_("Kind"), ColumnType.WORD, 14),
    Column("unit", N_("Unit"), ColumnType.TEXT, 16),
    Column("use", N_("Use"), ColumnType.WORD, 12),
    Column("tool", N_("Should be managed by"), ColumnType.TEXT, 20),
)
TRUST_COLUMNS: Final = (
    Column("tool", N_("Tool"), ColumnType.WORD, 14),
    Column("knows", N_("Knows"), ColumnType.SENTENCE, 45),
    Column("acts", N_("Can do"), ColumnType.SENTENCE, 45),
    Column("not_for", N_("Not to be trusted for"), ColumnType.SENTENCE, 45),
)


def tools(config: Path | None, form: str) -> None:
    """Print the rules, and what each tool is good for; anything but a table holds the rules only."""
    app = wiring.open_app(config)
    t, found = app.t, rules(app.sessions)
    print_rows(t, _RULES, [{"kind": r.kind, "unit": r.unit, "use": r.use, "tool": r.tool} for r in found], form)
    if found != app.loaded.settings.tools.manage:
        note(t("[tools] says otherwise since; the next collection takes it up."))
    if form != "table":
        return
    for tool in TRUSTED:
        say()
        say(t(label(tool.tool)))
        for column, text in zip(TRUST_COLUMNS[1:], (tool.knows, tool.acts, tool.not_for), strict=True):
            say(f"  {t(column.label)}: {t(text)}")
