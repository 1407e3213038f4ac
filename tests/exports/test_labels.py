"""Labels as they are printed: read again by a decoder that is not ours."""

from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from devreg.errors import Misconfigured
from devreg.labels import Labels
from exports.labels import Label, write

ROLL = Labels(owner="Ähtärin kaupunki", page_width=62, page_height=29, width=62, height=29, columns=1, rows=1)
_DPI = 200


def pages(path: Path) -> list[Any]:
    return [page.render(scale=_DPI / 72).to_pil() for page in pypdfium2.PdfDocument(path)]


def decoded(image: Any) -> dict[str, tuple[float, float]]:
    """What a code says, in order -> its upper left corner, in millimetres."""
    found = zxingcpp.read_barcodes(image)
    assert {code.format for code in found} <= {zxingcpp.BarcodeFormat.QRCode}
    corners = {code.text: code.position.top_left for code in found}
    return {text: (corners[text].x / _DPI * 25.4, corners[text].y / _DPI * 25.4) for text in sorted(corners)}


def text_of(path: Path) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path))


def labels(count: int) -> list[Label]:
    return [Label(f"IT{number:06d}K", f"SER{number:05d}") for number in range(count)]


def test_every_label_of_a_sheet_is_read_again(tmp_path: Path) -> None:
    made = labels(50)
    assert write(made, Labels(), tmp_path / "labels.pdf") == 2
    first, second = pages(tmp_path / "labels.pdf")
    assert list(decoded(first)) == [label.tag for label in made[:48]]
    assert list(decoded(second)) == [label.tag for label in made[48:]]


def test_labels_stand_where_the_settings_say(tmp_path: Path) -> None:
    sheet = Labels(left=10, top=20, width=60, height=30, columns=3, rows=8, column_gap=2, row_gap=1)
    write(labels(4), sheet, tmp_path / "labels.pdf", skip=2)
    (page,) = pages(tmp_path / "labels.pdf")
    corners = list(decoded(page).values())
    columns, rows_ = [round(x - corners[1][0]) for x, _ in corners], [round(y - corners[0][1]) for _, y in corners]
    assert columns == [124, 0, 62, 124]
    assert rows_ == [0, 31, 31, 31]
    assert 10 < corners[1][0] < 20


def test_a_label_says_tag_owner_and_serial(tmp_path: Path) -> None:
    write([Label("IT000042K", "F2T9K1")], ROLL, tmp_path / "label.pdf")
    said = text_of(tmp_path / "label.pdf")
    assert all(text in said for text in ("IT000042K", "Ähtärin kaupunki", "F2T9K1")), said


def test_letters_that_the_page_has_not_are_said_without_their_marks(tmp_path: Path) -> None:
    owner = Labels(owner="Aanaar / Anár, Sámediggi čđŋ 市")
    write(labels(1), owner, tmp_path / "label.pdf")
    assert "Anár, Sámediggi cdn ?" in text_of(tmp_path / "label.pdf")


def test_a_long_tag_and_owner_stay_within_the_label(tmp_path: Path) -> None:
    long = Labels(owner="Esimerkkilän seudun koulutuskuntayhtymän tietohallinto", columns=1, rows=1)
    tag = "KAUPUN0000042190K"
    write([Label(tag)], long, tmp_path / "label.pdf")
    (page,) = pages(tmp_path / "label.pdf")
    dark = page.convert("L").point(lambda light: 255 * (light < 128)).getbbox()
    left, right = dark[0] / _DPI * 25.4, dark[2] / _DPI * 25.4
    assert list(decoded(page)) == [tag]
    assert left > (210 - 45.7) / 2
    assert right < (210 + 45.7) / 2


@pytest.mark.parametrize("name", ["code.png", "code.svg"])
def test_one_code_alone_is_a_picture(tmp_path: Path, name: str) -> None:
    write(labels(1), Labels(), tmp_path / name)
    if name.endswith("png"):
        with Image.open(tmp_path / name) as image:
            assert list(decoded(image)) == ["IT000000K"]
    else:
        assert "<svg" in (tmp_path / name).read_text()


@pytest.mark.parametrize(("name", "count", "skip"), [("labels.svg", 2, 0), ("labels.doc", 1, 0), ("labels.pdf", 1, 48)])
def test_what_cannot_be_printed_is_refused(tmp_path: Path, name: str, count: int, skip: int) -> None:
    with pytest.raises(Misconfigured):
        write(labels(count), Labels(), tmp_path / name, skip=skip)
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_larger_than_its_page_is_a_fault() -> None:
    with pytest.raises(ValueError, match="don't fit"):
        Labels(columns=5)
