"""The table of which system should manage which devices."""

from typing import Final

from sqlalchemy import Column, Integer, Named, Table, TypedColumns

from devreg.store.metadata import metadata
from devreg.store.types import Word


class ToolRuleColumns(TypedColumns):
    """One rule; the first that fits a device counts."""

    position: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    kind: Named[str | None] = Column(Word)
    unit: Named[str | None] = Column(Word)
    use: Named[str | None] = Column(Word)
    tool: Named[str] = Column(Word)


tool_rule: Final = Table("tool_rule", metadata, ToolRuleColumns)
