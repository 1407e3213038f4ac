"""What every test may ask for."""

import os
from pathlib import Path

import pytest

_SHARED = Path(os.environ.get("DEVREG_SHARED") or Path(__file__).parents[2] / "shared")


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of design notes and recordings beside the project; a test that needs it is counted as skipped without it."""
    if not _SHARED.is_dir():
        pytest.skip("needs the folder shared/ beside the project (or DEVREG_SHARED)")
    return _SHARED
