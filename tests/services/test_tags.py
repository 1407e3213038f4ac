"""Asset tags that the register gives: never twice, never one that stands elsewhere, and no device is taken for another by them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from register_rig import NOON, actor, devices, laptops, later, page, row, rows, run

from devreg.domain.asset_tags import Series
from devreg.domain.observation import Value
from devreg.domain.rights import Role
from devreg.errors import Misconfigured, Refused
from devreg.services import editing, tags
from devreg.services.devices import add
from devreg.store import schema
from devreg.store.engine import Sessions

SERIES = Series("IT", 6)
ME = actor("me")


def number_of(tag: str) -> int:
    return int(tag[2:-1])


def issue(sessions: Sessions, count: int = 1, series: Series = SERIES) -> list[str]:
    return tags.issue(sessions, ME, series, count, None, NOON)


def test_tags_follow_each_other_and_none_is_given_twice(sessions: Sessions) -> None:
    assert [number_of(tag) for tag in issue(sessions, 3) + issue(sessions, 2)] == [1, 2, 3, 4, 5]


def test_what_would_be_next_is_told_and_not_given(sessions: Sessions) -> None:
    assert tags.upcoming(sessions, SERIES, 2) == tags.upcoming(sessions, SERIES, 2) == issue(sessions, 2)


def test_people_who_ask_at_once_get_different_tags(sessions: Sessions) -> None:
    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda _: issue(sessions, 4), range(12)))
    assert sorted(number_of(tag) for some in given for tag in some) == list(range(1, 49))


def test_a_tag_that_stands_elsewhere_is_passed_over(sessions: Sessions) -> None:
    on_device, as_serial, once, free = tags.upcoming(sessions, SERIES, 4)
    run(sessions, page(row("1", serial="SER1X", asset_tag=on_device.lower()), row("2", serial=as_serial)))
    known = add(sessions, ME, {"serial": "SER3X", "asset_tag": once}, None, later(1))
    editing.edit(sessions, ME, known, {"asset_tag": "OLD-1"}, reason="another label", now=later(2))
    editing.edit(sessions, ME, known, {"asset_tag": None}, reason="label is gone", now=later(3))
    assert issue(sessions) == [free]


def test_a_device_is_given_a_tag_once_and_answers_to_it(sessions: Sessions) -> None:
    run(sessions, page(*laptops(2)))
    one, two = (line["id"] for line in devices(sessions))
    (first,) = tags.issue_to(sessions, ME, SERIES, [one], "label", NOON)
    again, other = tags.issue_to(sessions, ME, SERIES, [one, two, one], "label", later(1))
    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert again.tag == first.tag != other.tag
    assert [line["asset_tag"] for line in devices(sessions)] == [first.tag, other.tag]
    assert {line["device_id"] for line in rows(sessions, schema.issued_tag)} == {one, two}
    assert [tagged.tag for tagged in tags.tagged(sessions, [two, one])] == [other.tag, first.tag]


def test_a_tag_given_here_makes_no_two_devices_one(sessions: Sessions) -> None:
    run(sessions, page(*laptops(2)))
    one, two = (line["id"] for line in devices(sessions))
    (given,) = tags.issue_to(sessions, ME, SERIES, [one], "label", NOON)
    run(sessions, page(row("paper", serial="SER00001", asset_tag=given.tag)), name="papers", kind="sheet")
    run(sessions, page(row("tag only", asset_tag=given.tag, name="who knows")), name="old", kind="sheet")
    where = {line["native_id"]: line["device_id"] for line in rows(sessions, schema.record)}
    assert where["n0"] == one
    assert where["n1"] == where["paper"] == two
    assert where["tag only"] not in {one, two}


def test_another_prefix_begins_at_its_own_first_number(sessions: Sessions) -> None:
    issue(sessions, 3)
    assert issue(sessions, 2, Series("KAU", 4, first=4200)) == [Series("KAU", 4).tag(4200), Series("KAU", 4).tag(4201)]


def test_a_full_series_is_refused_and_nothing_of_it_is_given(sessions: Sessions) -> None:
    short = Series("IT", 4, first=9_998)
    with pytest.raises(Refused, match="full"):
        issue(sessions, 3, short)
    assert len(issue(sessions, 2, short)) == 2
    with pytest.raises(Refused, match="full"):
        tags.upcoming(sessions, short, 1)


def test_a_viewer_gives_no_tags_and_the_trail_tells_who_did(sessions: Sessions) -> None:
    with pytest.raises(Refused):
        tags.issue(sessions, actor("eve", Role.VIEWER), SERIES, 1, None, NOON)
    issue(sessions)
    assert [(line["act"], line["outcome"]) for line in rows(sessions, schema.audit)] == [
        ("give asset tags", "refused"),
        ("give asset tags", "done"),
    ]


def test_a_device_without_a_tag_has_no_label(sessions: Sessions) -> None:
    run(sessions, page(*laptops(1)))
    with pytest.raises(Refused, match="D000001"):
        tags.tagged(sessions, [1])


def test_a_mistyped_tag_is_refused(sessions: Sessions) -> None:
    (tag,) = issue(sessions)
    claims: dict[str, Value] = {"asset_tag": tag}
    tags.demand_well_typed(SERIES, str(claims["asset_tag"]))
    with pytest.raises(Misconfigured, match="mistyped"):
        tags.demand_well_typed(SERIES, tag.replace("1", "7"))
