"""Profiles that come along, as data in profiles.toml; those of the settings stand before them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from collectors.sheet_cells import boolean, count, day, decimal, money_cents, percent
from collectors.sheet_fields import FIELDS, Parse, members_of
from devreg.settings import Profile, Settings

_FILE: Final = Path(__file__).with_name("profiles.toml")


def profiles(settings: Settings) -> Mapping[str, Profile]:
    """Every profile by name: the settings' own, and those that come along where they define none of that name."""
    return {**shipped(), **settings.profiles}


@cache
def shipped() -> Mapping[str, Profile]:
    """The profiles that come along."""
    return {name: _profile(name) for name in _read()["profiles"]}


def headings(name: str, profile: Profile, language: str) -> dict[str, str]:
    """Field -> what its column is called in a template of that language."""
    own = {field: column for column, field in profile.columns.items()}
    if profile is shipped().get(name):
        called = _called(name)
        return {field: called[field][language][0] for field in profile.names}
    return own | {field: names[0] for field, names in profile.names.items() if field not in own}


class Asked(msgspec.Struct, frozen=True):
    """One column of a template."""

    heading: str
    must: bool
    """Whether the sheet can't do without it."""
    names_row: bool
    """Whether it says what the row is about."""
    example: str
    """What a cell may hold, such as 24.11.2026; "" where any text may stand."""
    members: tuple[str, ...] = ()
    """The words of a closed set (msgids by `words.label`)."""


def template(name: str, profile: Profile, language: str) -> list[Asked]:
    """The columns of a sheet that the profile reads, as a template shows them."""
    called = headings(name, profile, language)
    required = {*profile.columns.values(), *profile.required}
    return [
        Asked(
            heading,
            field in required,
            field in profile.match,
            _EXAMPLES.get(FIELDS[field].parse, ""),
            members_of(field),
        )
        for field, heading in called.items()
    ]


_EXAMPLES: Final[dict[Parse, str]] = {
    day: "24.11.2026",
    money_cents: "12,50",
    count: "24",
    decimal: "1,5",
    percent: "25,5",
    boolean: "x",
}


def _profile(name: str) -> Profile:
    said = _read()["profiles"][name]
    names = {
        field: tuple(dict.fromkeys(word for words in by_language.values() for word in words))
        for field, by_language in _called(name).items()
    }
    defaults = said.get("defaults", {})
    return Profile(match=said["match"], names=names, required=said["required"], defaults=defaults)


def _called(name: str) -> dict[str, Any]:
    said = _read()["profiles"][name]
    return {field: said.get("names", {}).get(field) or _read()["names"][field] for field in said["fields"]}


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
