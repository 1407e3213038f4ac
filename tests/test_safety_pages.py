"""The pages about remote actions name tests and commands that there are, and leave no requirement out."""

import re
from pathlib import Path

import pytest
import typer.main

from devreg import cli

_ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = range(1, 45)
"""Of remote actions, of audit and evidence, of identity, rights and secrets."""
_LINE = re.compile(r"\| (\d+) \| `(tests/[\w/]+\.py)::(\w+)` \| (.*) \|")


def lines() -> list[tuple[int, str, str, str]]:
    """Number, file, test and what makes it fail, a row each; a row that is written in another way is none."""
    text = (_ROOT / "docs/safety-tests.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("| ")][2:]
    found = [_LINE.fullmatch(line) for line in table]
    assert [line for line, match in zip(table, found, strict=True) if match is None] == []
    return [(int(match[1]), match[2], match[3], match[4]) for match in found if match]


def test_every_requirement_has_a_test_and_a_change_that_makes_it_fail() -> None:
    tried = {number for number, _, _, broken in lines() if broken.strip()}
    assert tried == set(REQUIREMENTS)
    assert [(number, name) for number, _, name, broken in lines() if not broken.strip()] == []


def test_the_requirements_stand_in_their_order_and_no_line_twice() -> None:
    rows = lines()
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert len({row[:3] for row in rows}) == len(rows)


def test_every_test_that_the_page_of_requirements_names_is_there_and_is_run() -> None:
    for _, path, name, _ in lines():
        text = (_ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), (path, name)
        above = text.partition(f"def {name}(")[0].rpartition("\n\n\n")[2]
        assert "mark.skip" not in above, (path, name)
        assert "mark.xfail" not in above, (path, name)


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
