"""The page about roles shows the one table of rights."""

import ast
import inspect
import os
from pathlib import Path

from devreg.domain import rights
from devreg.domain.rights import RIGHTS, Right, Role

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "rights.md"
_HEAD = """\
# Who may do what

On PostgreSQL the database knows who acts: `devreg operator add NAME --role ROLE [--entra UPN]` makes a database user without a
password (give one with psql's `\\password`, or sign in by certificate), and the grants below are the database's own. Use the
owner of the tables for `devreg db upgrade` only, a `collector` for timers, and a user of their own for each person.

On an SQLite file the operating system's user is looked up in `[operators]`. That is a help against mistakes, not a fence: who can
write the file can change anything in it. Without the table everybody who can open the register is an admin.

| right | what it is for | {roles} |
| --- | --- | {line} |
"""
_TAIL = """
Looking is open to every role, in the lists, on the pages and in the reports. What somebody was refused stands in the audit trail.
"""


def _meanings() -> dict[str, str]:
    """Right -> the docstring below it."""
    (tree,) = ast.parse(inspect.getsource(rights.Right)).body
    assert isinstance(tree, ast.ClassDef)
    body = tree.body[1:]
    return {
        node.targets[0].id: below.value.value  # type: ignore[union-attr, attr-defined]
        for node, below in zip(body[::2], body[1::2], strict=True)
        if isinstance(node, ast.Assign)
    }


def described() -> str:
    """docs/rights.md."""
    meanings = _meanings()
    head = _HEAD.format(roles=" | ".join(Role), line=" | ".join(":-:" for _ in Role))
    lines = [
        f"| {right} | {meanings[right.name]} | {' | '.join('yes' if right in RIGHTS[role] else '–' for role in Role)} |"
        for right in Right
    ]
    return head + "\n".join(lines) + "\n" + _TAIL


def test_the_page_about_roles_is_the_table() -> None:
    if os.environ.get("DEVREG_GOLDEN"):
        _PAGE.write_text(described(), encoding="utf-8")
    assert _PAGE.read_text(encoding="utf-8") == described()


def test_each_role_of_a_person_may_all_that_the_one_before_may() -> None:
    people = [RIGHTS[role] for role in Role if role is not Role.COLLECTOR]
    assert all(less < more for less, more in zip(people, people[1:], strict=False))
