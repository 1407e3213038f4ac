"""The settings [tools]: which system manages which devices, and programs of others."""

from typing import Annotated

from pydantic import Field

from devreg.domain.device import Kind, Use
from devreg.domain.tools import AS_SHIPPED, UNMANAGED_DAYS, ToolRule
from devreg.strict import Strict


class ToolRuleOptions(Strict):
    """Devices that one system should manage; the first rule that fits a device counts, then devreg's own: phones, tablets and computers
    intune, Chromebooks google, network gear snmp."""

    kind: tuple[Kind, ...] = ()
    """Kinds of device: phone, tablet, laptop, desktop, chromebook, …; none named: every kind."""
    unit: str | None = None
    """Id of the unit."""
    use: Use | None = None
    """Who they serve: pupil, staff, shared, digilab, infrastructure."""
    tool: str
    """The source that should manage them by its name, a kind of source (any of it), or none."""


class Tools(Strict):
    """Which system manages which devices (`devreg tools`, `devreg list overlaps`), and programs of others that devreg starts."""

    postgresql: str | None = None
    """Folder of pg_dump and pg_restore, which `backup` and `restore` need on PostgreSQL; not set: those on the path, or where
    systems put them. They must not be older than the server."""
    rules: tuple[ToolRuleOptions, ...] = ()
    """Which system should manage which devices; [[tools.rules]] kind = ["chromebook"] unit = "kasavuori" tool = "chrome-city"."""

    unmanaged_days: Annotated[int, Field(ge=1)] = UNMANAGED_DAYS
    """Days after which a phone of the city that no management tool has heard of is told of, by [notify]."""

    @property
    def manage(self) -> tuple[ToolRule, ...]:
        """Which system should manage which devices: the city's rules, then devreg's own."""
        said = (ToolRule(rule.tool, kind, rule.unit, rule.use) for rule in self.rules for kind in rule.kind or (None,))
        return (*said, *AS_SHIPPED)
