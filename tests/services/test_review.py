"""What people decide about identity stands against every rule, run and replay, until they take it back."""

import pytest
from register_rig import NOON, actor, browser, devices, later, observe, open_questions, page, row, rows, run

from devreg.errors import Misconfigured, NotFound
from devreg.services.ingest import Feed
from devreg.services.replay import replay
from devreg.services.review import Answer, decide, undo
from devreg.store import schema
from devreg.store.engine import Sessions


def _two_makers(sessions: Sessions) -> int:
    run(sessions, page(row("a", serial="12345A", manufacturer="Dell", model="Latitude")))
    run(sessions, page(row("7", serial="12345A", manufacturer="HP", price_cents=500)), name="papers", kind="sheet")
    return _question(sessions)


def _question(sessions: Sessions) -> int:
    return int(next(line["id"] for line in rows(sessions, schema.review) if line["closed_at"] is None))


def _homes(sessions: Sessions) -> dict[str, int | None]:
    return {line["native_id"]: line["device_id"] for line in rows(sessions, schema.record)}


def _answer(sessions: Sessions, question: int, answer: Answer, into: int | None = None) -> int:
    return decide(
        sessions, question, answer, into=into, actor=actor("me"), reason="looked at it", now=later(5)
    ).decision_id


def test_a_merge_makes_one_device_that_runs_and_replays_leave_alone(sessions: Sessions) -> None:
    _answer(sessions, _two_makers(sessions), Answer.MERGE, into=1)
    assert (_homes(sessions), open_questions(sessions)) == ({"a": 1, "7": 1}, [])
    assert devices(sessions)[0]["price_cents"] == 500
    assert browser(sessions).find("D000002") == 1
    run(
        sessions,
        page(row("7", serial="12345A", manufacturer="HP", price_cents=600)),
        name="papers",
        kind="sheet",
        now=later(9),
    )
    feeds = {name: Feed(name, kind, observe, (), "2") for name, kind in (("intune", "intune"), ("papers", "sheet"))}
    replay(sessions, feeds, actor=actor("me"), now=later(10))
    assert (_homes(sessions), open_questions(sessions)) == ({"a": 1, "7": 1}, [])
    assert devices(sessions)[0]["price_cents"] == 600


def test_keeping_apart_answers_the_question_for_good(sessions: Sessions) -> None:
    _answer(sessions, _two_makers(sessions), Answer.KEEP)
    run(sessions, page(row("a", serial="12345A", manufacturer="Dell", model="Latitude 2")), now=later(9))
    assert (_homes(sessions), open_questions(sessions)) == ({"a": 1, "7": 2}, [])
    assert browser(sessions).device(1).history[0].field == "model"


def test_a_record_that_could_be_either_goes_where_it_is_told(sessions: Sessions) -> None:
    run(
        sessions,
        page(row("a", serial="SER1", mac="a4:c3:f0:00:14:22"), row("b", serial="SER2", mac="a4:c3:f0:00:14:22")),
    )
    run(sessions, page(row("7", mac="a4:c3:f0:00:14:22", room="A1")), name="papers", kind="sheet")
    assert open_questions(sessions) == [("several devices share its identifiers", [1, 2])]
    with pytest.raises(Misconfigured, match="several devices"):
        _answer(sessions, _question(sessions), Answer.MERGE)
    _answer(sessions, _question(sessions), Answer.MERGE, into=2)
    assert (_homes(sessions), open_questions(sessions)) == ({"a": 1, "b": 2, "7": 2}, [])


def test_a_changed_mainboard_can_be_split_off(sessions: Sessions) -> None:
    run(sessions, page(row("7", serial="OLD1", room="A1")), name="papers", kind="sheet")
    run(sessions, page(row("a", serial="OLD1", model="X")))
    run(sessions, page(row("a", serial="NEW1", model="X")), now=later(1))
    assert open_questions(sessions) == [("same record, new serial number: hardware changed?", [1])]
    _answer(sessions, _question(sessions), Answer.SPLIT)
    assert (_homes(sessions), open_questions(sessions)) == ({"7": 1, "a": 2}, [])


def test_a_decision_taken_back_leaves_the_register_as_it_was(sessions: Sessions) -> None:
    question = _two_makers(sessions)
    before = _homes(sessions), open_questions(sessions), [(line["id"], line["model"]) for line in devices(sessions)]
    undo(sessions, _answer(sessions, question, Answer.MERGE, into=2), actor=actor("you"), now=later(6))
    assert before == (
        _homes(sessions),
        open_questions(sessions),
        [(line["id"], line["model"]) for line in devices(sessions)],
    )
    kept = rows(sessions, schema.decision)[0]
    assert (kept["kind"], kept["by"], kept["undone_by"]) == ("merge", "me", "you")


def test_a_decision_that_a_later_one_builds_on_is_not_taken_back_first(sessions: Sessions) -> None:
    first = _answer(sessions, _two_makers(sessions), Answer.MERGE, into=1)
    run(sessions, page(row("b", serial="12345A", manufacturer="Acer")), name="google", kind="google")
    _answer(sessions, _question(sessions), Answer.KEEP)
    with pytest.raises(Misconfigured, match="later"):
        undo(sessions, first, actor=actor("me"), now=NOON)


def test_only_an_open_question_can_be_answered_and_only_into_its_devices(sessions: Sessions) -> None:
    question = _two_makers(sessions)
    with pytest.raises(NotFound, match="no open question 99"):
        _answer(sessions, 99, Answer.KEEP)
    with pytest.raises(Misconfigured, match="none of the devices"):
        _answer(sessions, question, Answer.MERGE, into=77)
    _answer(sessions, question, Answer.KEEP)
    with pytest.raises(NotFound):
        _answer(sessions, question, Answer.KEEP)
    with pytest.raises(NotFound):
        undo(sessions, 99, actor=actor("me"), now=NOON)
