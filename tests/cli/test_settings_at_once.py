"""What the settings say counts in the very next list, for who may have the register go by it; who may not is told."""

from collections.abc import Mapping
from typing import Any

from cli_rig import SHEET, Cli

from devreg.services import actors

NOBODY_FOR_LAPTOPS = '[[tools.rules]]\nkind = ["laptop"]\ntool = "none"\n'
OVER = "Lists go by the settings and the day of somebody before"


def unmanaged(cli: Cli) -> list[str]:
    return [line["id"] for line in cli("list", "overlaps", "--format", "json").json()]


def spare(cli: Cli) -> Mapping[str, Any]:
    city = cli("list", "spares", "--where", "scope=city", "--where", "kind=laptop", "--format", "json").json()
    (line,) = city
    return line  # type: ignore[no-any-return]


def test_a_changed_setting_counts_in_the_next_list(register: Cli) -> None:
    register.settings(SHEET, NOBODY_FOR_LAPTOPS, "[circulation]\nspares = [0.0, 1.0]\n")
    assert register("collect").code == 0
    for device in ("D000001", "D000003"):
        assert register("transition", device, "in_use", "unit=mantymaki", "--reason", "x").code == 0
    assert unmanaged(register) == []
    assert spare(register)["reserve"] == "right"
    register.settings(SHEET, "[circulation]\nspares = [0.5, 1.0]\n")
    assert sorted(unmanaged(register)) == ["D000001", "D000003"]
    assert (spare(register)["reserve"], spare(register)["wanted"]) == ("too_small", 1)
    assert OVER not in register("list", "spares").err


def test_who_may_not_collect_is_told_that_lists_go_by_other_settings(empty: Cli) -> None:
    viewer = f'[operators]\n"{actors._user()}" = "viewer"\n'
    assert empty("list", "circulation").code == 0
    empty.settings(viewer)
    assert OVER not in empty("list", "circulation").err
    for changed in ("[circulation]\nidle_days = 77\n", "[calendar]\npublic_holidays = false\n", NOBODY_FOR_LAPTOPS):
        empty.settings(viewer, changed)
        done = empty("list", "circulation")
        assert (done.code, OVER in done.err) == (0, True), changed
    text = empty.config.read_text(encoding="utf-8").replace("[registry]", '[registry]\ntimezone = "UTC"')
    empty.settings(viewer)
    assert OVER not in empty("list", "circulation").err
    empty.config.write_text(text, encoding="utf-8")
    assert OVER in empty("list", "circulation").err
