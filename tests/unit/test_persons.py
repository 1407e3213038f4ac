"""Which accounts are one person."""

from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.persons import joined

ADDRESSES = st.frozensets(st.sampled_from([f"p{n}@city.example" for n in range(12)]), max_size=3)


def test_accounts_that_share_an_address_are_one_person_even_by_way_of_a_third() -> None:
    accounts = {1: {"koskiai@city"}, 2: {"aino.koski@city", "koskiai@city"}, 3: {"aino.koski@city"}, 4: {"b@city"}}
    assert joined(accounts) == {1: "aino.koski@city", 2: "aino.koski@city", 3: "aino.koski@city", 4: "b@city"}


def test_an_account_without_an_address_is_nobody_elses() -> None:
    assert joined({1: set(), 2: {"b@city"}}) == {2: "b@city"}


@given(st.dictionaries(st.integers(0, 20), ADDRESSES))
def test_the_order_of_accounts_decides_nothing_and_neighbours_are_together(
    accounts: dict[int, frozenset[str]],
) -> None:
    found = joined(accounts)
    assert found == joined(dict(reversed(accounts.items())))
    for one, mine in accounts.items():
        for other, theirs in accounts.items():
            assert not mine & theirs or found[one] == found[other]
    for who in set(found.values()):
        assert who in frozenset().union(*(accounts[number] for number, group in found.items() if group == who))
