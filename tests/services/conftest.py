"""What tests of services share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from intent_rig import Office


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, fresh_register: Callable[[str], str], tmp_path: Path) -> Iterator[Office]:
    """An office with a phone in Intune, on each engine."""
    made = Office(request.param, fresh_register(request.param), tmp_path)
    yield made
    made.close()
