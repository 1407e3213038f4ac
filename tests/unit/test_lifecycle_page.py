"""docs/lifecycle.md shows the table of steps as it is."""

import os
from pathlib import Path

from devreg.domain.device import State
from devreg.domain.lifecycle import GIVES, STEPS, WITHOUT_STORAGE, Effect, Need, Paper, Step
from devreg.domain.rights import RIGHTS, Role
from devreg.domain.suggesting import SUGGESTED
from devreg.domain.words import LABELS
from devreg.settings import Lifecycle

_PAGE = Path(__file__).parents[2] / "docs" / "lifecycle.md"
_MARK = "<!-- from here on the page is made by tests/unit/test_lifecycle_page.py -->\n"
_DOES = {
    Effect.RELEASE_HOLDER: "nobody holds it any more",
    Effect.RELEASE_CONTRACTS: "its contracts end for it that day",
    Effect.LOCK: "tells where to lock it at once",
}


def test_the_page_about_lives_is_the_table() -> None:
    text = _PAGE.read_text(encoding="utf-8")
    if os.environ.get("DEVREG_GOLDEN"):
        _PAGE.write_text(text.split(_MARK)[0] + _MARK + described(), encoding="utf-8")
    assert _PAGE.read_text(encoding="utf-8").split(_MARK)[1] == described()


def described() -> str:
    """The tables of steps and of suggestions."""
    lines = [
        "",
        "## Steps",
        "",
        "| from | to | step | asks for | does | who |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (source, target), step in sorted(
        STEPS.items(), key=lambda item: [list(State).index(state) for state in item[0]]
    ):
        does = "; ".join(_DOES[effect] for effect in step.effects)
        lines.append(f"| {source} | {target} | {step.name} | {_asks(step)} | {does or '–'} | {_who(step)} |")
    kinds = " and ".join(sorted(LABELS[kind] for kind in WITHOUT_STORAGE))
    lines += ["", f"A paper is not asked for where the device holds no data ({kinds})."]
    lines += [
        "",
        "## Suggestions",
        "",
        "| rule | suggests | because | a rule may accept it |",
        "| --- | --- | --- | --- |",
    ]
    may = _acceptable()
    for rule, target in SUGGESTED.items():
        lines.append(f"| {rule} | {target} | {LABELS[rule]} | {'yes' if rule in may else '–'} |")
    return "\n".join(lines) + "\n"


def _asks(step: Step) -> str:
    needs = [" or ".join(GIVES[Need(need)]) for need in step.needs]
    return "; ".join([*needs, *([f"document {Paper(step.paper)}"] if step.paper else [])]) or "–"


def _who(step: Step) -> str:
    return ", ".join(role for role in Role if step.right in RIGHTS[role])


def _acceptable() -> set[str]:
    found = set()
    for rule in SUGGESTED:
        try:
            Lifecycle.model_validate({"accept": [rule]})
        except ValueError:
            continue
        found.add(str(rule))
    return found
