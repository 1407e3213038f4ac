"""One company is one word, and two stay two."""

import pytest

from devreg.domain.makers import maker


@pytest.mark.parametrize(
    "names",
    [("LENOVO", "Lenovo", "Lenovo Group", "Lenovo (Beijing) Limited"), ("Hewlett-Packard", "HP", "HP Inc.", "Hewlett-Packard Company"),
     ("Dell Inc.", "DELL", "Dell", "Dell Technologies Inc"), ("Apple Inc.", "apple", "Apple Inc"), ("Cisco Systems, Inc.", "cisco"),
     ("Samsung", "SAMSUNG", "Samsung Electronics Co., Ltd."), ("ASUSTeK COMPUTER INC.", "Asus"), ("Hewlett Packard Enterprise", "HPE"),
     ("Acer", "Acer Incorporated"), ("Tobii AB", "Tobii"), ("Nokia Oyj", "Nokia", "HMD Global Oy"), ("Ricoh Company, Ltd.", "RICOH"),
     ("Bang & Olufsen A/S", "Bang & Olufsen"), ("Olivetti S.p.A.", "Olivetti")],
)  # fmt: skip
def test_the_names_of_one_maker_are_one(names: tuple[str, ...]) -> None:
    assert len({maker(name) for name in names}) == 1


@pytest.mark.parametrize(
    "name", [None, "", " . ", "!", "To be filled by O.E.M.", "System manufacturer", "Default string", "Unknown"]
)
def test_no_maker_is_none(name: str | None) -> None:
    assert maker(name) is None


def test_two_makers_stay_two() -> None:
    names = ("HP", "HPE", "Dell", "Lenovo", "Apple", "Motorola Solutions", "Motorola", "Group", "VMware, Inc.")
    assert len({maker(name) for name in names}) == len(names)
