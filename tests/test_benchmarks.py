"""The benchmarks still run; what they measure is for `make bench`."""

from pathlib import Path

from msgspec.structs import replace

from benchmarks.__main__ import figures
from benchmarks.figure import Figure


def test_every_figure_is_measured_on_a_small_fleet(tmp_path: Path) -> None:
    lines = [str(figure).splitlines()[0].split() for figure in figures(tmp_path, 520)]
    expected = {f"P{number}" for number in (*range(1, 10), 16, 17, 18)} | {"N1", "N2", "S1", "S2", "S4"}
    assert {line[0] for line in lines} - {"S3"} == expected  # S3 where its yardsticks are installed
    assert all(line[-1] in {"ok", "MISS"} for line in lines)


def test_a_figure_that_misses_its_target_says_why_where_it_is_known() -> None:
    missed = Figure("S1", "x", 2, 1, 1.0, cause="pyasn1")
    assert str(missed).split()[-2:] == ["MISS", "pyasn1"]
    assert "pyasn1" not in str(replace(missed, target=2.0))
