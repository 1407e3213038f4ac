"""Collectors pointed at the stand-ins, and what tests look at in what they give."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from collectors.google import GoogleCollector, GoogleOptions
from collectors.http import Limits
from collectors.intune import IntuneCollector, IntuneOptions
from collectors.sheet import SheetCollector, SheetOptions
from devreg.demo.google import Google
from devreg.demo.graph import TENANT, Graph
from devreg.domain.observation import Subject
from devreg.errors import DevregError
from devreg.ports import Page, Record
from devreg.settings import Loaded, Settings

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
CLIENT = "11111111-2222-4333-8444-555555555555"
SECRET = "right-secret"
CUSTOMERS = {"chrome-city": "C01kaup1a", "chrome-swedish": "C02skol2b", "chrome-old": "C03vanh3c"}


def loaded(folder: Path, **settings: Any) -> Loaded:
    return Loaded(Settings.model_validate(settings), folder / "devreg.toml")


def hasty(waits: list[float] | None = None, **changed: Any) -> Limits:
    """Limits for tests: waits are noted instead of slept."""
    noted = [] if waits is None else waits
    limits = Limits(connect_s=2, read_s=1.5, total_s=2.5, tries=3, pause=noted.append)
    return msgspec.structs.replace(limits, **changed)


BARE = dict.fromkeys(("details", "autopilot", "audit_events", "apple_expiry"), False)
"""Devices and people only."""
WHOLE = dict.fromkeys((*BARE, "corporate_identifiers", "apple_devices", "registrations", "approvals"), True)
"""All that the stand-in's app is granted."""


def intune(graph: Graph, folder: Path, waits: list[float] | None = None, **changed: Any) -> IntuneCollector:
    options = {
        "kind": "intune", "tenant_id": TENANT, "client_id": CLIENT, "client_secret": {"file": "intune.secret"},
        "graph_url": graph.url, "login_url": graph.url, "ca_bundle": "ca.pem", **BARE,
    }  # fmt: skip
    limits = changed.pop("limits", {})
    sources = {key: value for key, value in (options | changed).items() if value is not None}
    collector = IntuneCollector("intune", IntuneOptions.model_validate(sources), loaded(folder))
    collector.limits = hasty(waits, **limits)
    return collector


def google(
    service: Google, folder: Path, waits: list[float] | None = None, source: str = "chrome-city", **changed: Any
) -> GoogleCollector:
    (subject,) = service.customers[CUSTOMERS[source]].admins
    options = {
        "kind": "google", "customer_id": CUSTOMERS[source], "subject": subject, "key": {"file": f"{source}.json"},
        "admin_url": service.url, "cloudidentity_url": service.url, "chromemanagement_url": service.url,
    }  # fmt: skip
    limits = changed.pop("limits", {})
    collector = GoogleCollector(source, GoogleOptions.model_validate(options | changed), loaded(folder))
    collector.limits = hasty(waits, **limits)
    return collector


def sheet(folder: Path, path: str, profile: dict[str, Any], **changed: Any) -> SheetCollector:
    options = SheetOptions.model_validate({"kind": "sheet", "path": path, "profile": "p"} | changed)
    return SheetCollector("papers", options, loaded(folder, profiles={"p": profile}))


def records(pages: Iterable[Page], subject: Subject = Subject.DEVICE) -> list[Record]:
    return [record for page in pages for record in page.read().records if record.subject is subject]


def read_until_error(pages: Iterable[Page]) -> tuple[list[Page], DevregError | None]:
    """Pages given before the end, and the error that ended them."""
    given: list[Page] = []
    try:
        given.extend(pages)  # extend keeps what came before an error
    except DevregError as error:
        return given, error
    return given, None
