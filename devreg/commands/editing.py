"""add: what people enter by hand."""

from collections.abc import Sequence
from pathlib import Path

from devreg import wiring
from devreg.domain.device import device_ref
from devreg.errors import Misconfigured
from devreg.services import devices
from devreg.terminal import say


def add(config: Path | None, fields: Sequence[str], reason: str | None) -> None:
    """Add a device and print its number."""
    app = wiring.open_app(config)
    pairs: dict[str, str] = {}
    for text in fields:
        name, sign, value = text.partition("=")
        if not sign:
            raise Misconfigured(f"{text!r} is not FIELD=VALUE.")
        if name in pairs:
            raise Misconfigured(f"{name} is given twice.")
        pairs[name] = value
    claims = devices.parse_fields(pairs)
    say(device_ref(devices.add(app.sessions, app.actor(), claims, reason, wiring.now())))
