"""The pages about remote actions name tests and commands that there are."""

import re
from pathlib import Path

import pytest
import typer.main

from devreg import cli

_ROOT = Path(__file__).resolve().parents[1]


def test_every_test_that_the_page_of_requirements_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (_ROOT / "docs/safety-tests.md").read_text(encoding="utf-8"))
    assert len(named) > 30
    missing = [name for path, name in named if f"def {name}(" not in (_ROOT / path).read_text(encoding="utf-8")]
    assert missing == []


@pytest.mark.parametrize("page", ["docs/actions.md", "docs/incidents.md"])
def test_every_command_on_a_page_about_remote_actions_is_one_with_these_options(page: str) -> None:
    found = re.findall(r"`devreg ([^`]+)`", (_ROOT / page).read_text(encoding="utf-8"))
    assert found
    for line in found:
        command = typer.main.get_command(cli.app)
        words = line.split()
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= options, line
