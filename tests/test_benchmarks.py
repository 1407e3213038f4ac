"""The benchmarks still run; what they measure is for `make bench`."""

from pathlib import Path

from benchmarks import ingest


def test_the_figures_of_ingest_are_measured_on_a_small_fleet(tmp_path: Path) -> None:
    lines = [str(figure).split() for figure in ingest.figures(tmp_path, size=1_200)]
    assert [line[0] for line in lines] == ["P5", "N1"]
    assert all(line[-1] in {"ok", "MISS"} for line in lines)
