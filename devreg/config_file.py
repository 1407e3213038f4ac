"""Where devreg.toml is, and the two words of it that a screen needs before anything else is loaded."""

import os
import tomllib
from pathlib import Path
from typing import Final

FILE_NAME: Final = "devreg.toml"


def find(explicit: Path | None) -> Path:
    """The settings file: as given, else $DEVREG_CONFIG, ./devreg.toml, the user's config folder, /etc/devreg."""
    if explicit is not None:
        return explicit
    if os.environ.get("DEVREG_CONFIG"):
        return Path(os.environ["DEVREG_CONFIG"])
    places = (Path(FILE_NAME), user_config_folder() / FILE_NAME, Path("/etc/devreg") / FILE_NAME)
    return next((place for place in places if place.is_file()), places[0])


def user_config_folder() -> Path:
    """Where this system keeps a user's configuration."""
    if os.name == "nt":
        return Path(os.environ.get("APPDATA", Path.home())) / "devreg"
    return Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config")) / "devreg"


def language_and_zone(path: Path) -> tuple[str, str] | None:
    """`registry.language` and `registry.timezone`, defaults where not set; None when the file can't be read.

    Read without checking: whoever opens the register afterwards reports every fault.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    registry = raw.get("registry")
    said = registry if isinstance(registry, dict) else {}
    return str(said.get("language", "fi")), str(said.get("timezone", "Europe/Helsinki"))
