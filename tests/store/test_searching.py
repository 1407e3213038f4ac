"""Searching finds what stands in the text, whichever way the engine looks for it; and the ways that make lists fast are taken."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from register_rig import NOON, browser
from sqlalchemy import Connection, delete, event, insert, update

from devreg.domain.sorting import fold
from devreg.services.browse import Query
from devreg.store import schema
from devreg.store.engine import Sessions

COMMON = 1_200
"""Devices that share a word: more than are worth looking up one by one."""
PIECES = (
    "a", "å", "Ä", "ö", "Ö", "é", "ß", "ﬁ", "İ", "ё", "日本語", "🖥", "e\u0301", "abc", "ABC", "lap", "top", "00", "-", "_", "%",
    "/", "\\", "'", '"', '""', "*", "^", "(", ")", ":", "+", "AND", "OR", "NOT", "NEAR(", "folded:", "{", "}", ";", "--", "\0x",
)  # fmt: skip


def a_text(dice: random.Random, most: int) -> str:
    return "".join(dice.choice(PIECES) for _ in range(dice.randint(1, most)))


def filled(sessions: Sessions, dice: random.Random) -> dict[int, str]:
    """Devices with odd texts: written, written anew, and some taken away."""
    texts = {number: fold(a_text(dice, 9) + " common wörd").replace("\0", "\ufffd") for number in range(1, COMMON + 1)}
    with sessions.write.begin() as session:
        session.execute(insert(schema.device), [{"id": n, "created_at": NOON, "folded": t} for n, t in texts.items()])
    for number in dice.sample(sorted(texts), 150):
        texts[number] = fold(a_text(dice, 12)).replace("\0", "\ufffd")
        with sessions.write.begin() as session:
            session.execute(update(schema.device).where(schema.device.c.id == number).values(folded=texts[number]))
    for number in dice.sample(sorted(texts), 20):
        del texts[number]
        with sessions.write.begin() as session:
            session.execute(delete(schema.device).where(schema.device.c.id == number))
    return texts


def test_a_search_finds_exactly_the_devices_whose_text_holds_every_word(sessions: Sessions) -> None:
    dice = random.Random(3)
    texts = filled(sessions, dice)
    seen = browser(sessions)
    asked = [a_text(dice, 4) for _ in range(250)] + [
        text[start : start + 6]
        for text, start in ((dice.choice(list(texts.values())), dice.randint(0, 8)) for _ in range(250))
    ]
    found_some = 0
    for question in [*asked, "common", "mon wor", "commo wo", "ord", '"', '"""', "%%%", "___", "///"]:
        words = fold(question.replace("\0", "\ufffd")).split()
        right = [number for number, text in texts.items() if all(word in text for word in words)]
        assert seen.keys("devices", Query(search=question)) == right, question
        assert seen.keys("devices", Query(search=question, limit=7)) == right[:7], question
        found_some += bool(right)
    assert found_some > 250


@contextmanager
def plans(sessions: Sessions) -> Iterator[list[str]]:
    """How SQLite goes about each statement."""
    taken: list[str] = []

    def explain(connection: Connection, _: Any, statement: str, values: Any, *__: Any) -> None:
        rows = connection.connection.cursor().execute("EXPLAIN QUERY PLAN " + statement, values)
        taken.append("; ".join(row[-1] for row in rows))

    engine = sessions.read.kw["bind"]
    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield taken
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def plan(sessions: Sessions, asked: Query, view: str = "devices") -> str:
    with plans(sessions) as taken:
        browser(sessions).keys(view, asked)
    return taken[-1]


def test_sqlite_reads_lists_in_the_order_of_an_index_and_looks_rare_words_up(sessions: Sessions) -> None:
    if not sessions.is_sqlite:
        return
    filled(sessions, random.Random(5))
    for asked in (Query(), Query(limit=50), Query(search="common"), Query(search="co"), Query(search="co", limit=50)):
        assert plan(sessions, asked) == "SCAN device USING COVERING INDEX ix_device_listed", asked
    assert "device_search VIRTUAL TABLE" in plan(sessions, Query(search="common nowhere"))
    assert "SCAN device U" not in plan(sessions, Query(search="common nowhere"))
    assert "INDEX ix_device_facets (kind=?)" in plan(sessions, Query(), "phones")


def test_sqlite_counts_facets_from_an_index(sessions: Sessions) -> None:
    if not sessions.is_sqlite:
        return
    for column in browser(sessions).view("devices").facets:
        with plans(sessions) as taken:
            browser(sessions).facets("devices", Query(), column)
        assert "device USING COVERING INDEX ix_device_facets" in taken[-1], column
