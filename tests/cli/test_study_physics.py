"""hokan study physics: what it tells of laws of melting, and what it refuses."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hokan.cli.physics_report import ALONE, FREE, PRIOR, conclusions, physics_picture
from hokan.datasets import load_inorganics
from hokan.evaluation.physics import ALL, EXTRA_TREES, KNOWN
from hokan.evaluation.physics_draws import NONE
from hokan.table import PropertyTable

Run = Callable[..., Any]
#: Few cells: one relative that few rows have.
FAST = ("--known", "4,8", "--hidden", 12, "--repeats", 1, "--jobs", 1)
RELATIVE = ("--relatives", "debye_temperature_K")


@pytest.fixture
def elastic(folder: Path) -> Path:
    """Debye temperatures of sixty compounds, one of them without a formula."""
    frame = load_inorganics()
    solids = frame[frame["melting_point_K"].notna()].drop_duplicates("formula").iloc[:60]
    table = pd.DataFrame(
        {
            "compound": solids["formula"],
            "debye_temperature_K": (8.0 * solids["melting_point_K"]) ** 0.5,
        }
    )
    table.iloc[3, 0] = None
    path = folder / "elastic.csv"
    table.to_csv(path, index=False)
    return path


def test_it_tells_errors_differences_and_what_follows(elastic: Path, run: Run) -> None:
    options = ("--formula", "compound", *RELATIVE, *FAST, "-o", "results/out")
    told = run("study", "physics", elastic, *options).stdout
    assert "elastic.csv: debye_temperature_K of " in told
    assert " compositions in 60 rows" in told
    assert "want of a formula: row 4." in told
    assert "melting_point_K (log) ← debye_temperature_K [prior 2]" in told
    assert "12 melting points are hidden and predicted" in told
    for method in (ALONE, FREE, PRIOR):
        assert told.count(f" {method}  ") == 2
    assert told.count(" physics − free ") == 2
    assert "With 8, laws as the prior of the links" in told
    results = Path("results/out")
    assert sorted(os.listdir(results)) == ["physics.csv", "physics.html"]
    scores = pd.read_csv(results / "physics.csv")
    assert len(scores) == 2 * 4 * 4
    picture = (results / "physics.html").read_text(encoding="utf-8")
    assert "12 melting points held out in 1 draw; relatives: Debye temperature" in picture


def test_without_an_elastic_table_the_embedded_one_is_used(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def studied(
        table: Any, target: Any, graphs: Any, kinds: Any, known: Any, **options: Any
    ) -> Any:
        asked.update(options, table=table, target=target, graphs=graphs, known=known)
        raise KeyboardInterrupt

    monkeypatch.setattr("hokan.cli.study_physics.study_physics", studied)
    told = run("study", "physics", code=130).stdout
    assert "elastic:" not in told
    assert "thermal: none of these" in told
    assert asked["target"] == "melting_point_K"
    assert asked["known"] == (5, 15, 30, 60, 120)
    assert (asked["n_repeats"], asked["n_hidden"]) == (5, 90)
    assert list(asked["graphs"]) == [ALONE, FREE, PRIOR]
    assert asked["graphs"][FREE].edges == asked["graphs"][PRIOR].edges
    assert not asked["graphs"][ALONE].edges
    names = set(asked["table"].property_names)
    assert names == set(asked["graphs"][PRIOR].names)
    assert "boiling_point_K" in names
    assert "debye_temperature_K" not in names
    assert asked["table"].observed[:, 0].all()
    assert sorted(os.listdir(folder)) == []  # nothing written, no folder left


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("options", "told"),
        [
            (("--known", "ten"), "--known: expected whole numbers"),
            (("--known", "2.5"), "found '2.5'"),
            (("--known", "inf"), "found 'inf'"),
            (("--known", "2"), "3 or more"),
            (("--known", "5000"), "that is too many"),
            (("--relatives", "boiling_point"), 'did you mean "boiling_point_K"'),
            (("--relatives", "debye_temperature_K"), "comes from an elastic table, and none"),
            (("--formula", "compound"), "is for an elastic table"),
        ],
    )
    def test_options_that_cannot_be(
        self, folder: Path, run: Run, options: tuple[str, ...], told: str
    ) -> None:
        error = run("study", "physics", *options, code=2).stderr
        assert told in error
        assert sorted(os.listdir(folder)) == []

    def test_a_relative_that_the_elastic_table_lacks(self, elastic: Path, run: Run) -> None:
        options = ("--formula", "compound", "--relatives", "bulk_modulus_GPa")
        error = run("study", "physics", elastic, *options, code=2).stderr
        assert "elastic.csv has no such column" in error

    def test_an_elastic_table_without_formulas(self, elastic: Path, run: Run) -> None:
        error = run("study", "physics", elastic, code=2).stderr
        assert "elastic.csv: has no column of formulas" in error
        assert "say which it is" in error

    def test_an_elastic_table_of_other_compounds(self, folder: Path, run: Run) -> None:
        other = pd.DataFrame({"formula": ["XeW7", "XeW9"], "bulk_modulus_GPa": [1.0, 2.0]})
        other.to_csv("other.csv", index=False)
        error = run("study", "physics", "other.csv", code=2).stderr
        assert "other.csv: of 'bulk_modulus_GPa', 0 different values" in error

    def test_a_file_that_is_not_there(self, folder: Path, run: Run) -> None:
        assert "no such file" in run("study", "physics", "none.csv", code=2).stderr


def scores(errors: dict[str, float], kinds: tuple[str, ...] = (KNOWN, NONE, ALL)) -> pd.DataFrame:
    """Scores of three draws with these errors, and a little more in each."""
    lines = [
        (n, repeat, method, kind, error + 0.001 * repeat * len(method))
        for n in (5, 60)
        for repeat in range(3)
        for method, error in errors.items()
        for kind in kinds
    ]
    columns = ["n_known", "repeat", "method", "relatives", "error"]
    return pd.DataFrame(lines, columns=columns).assign(
        log_score=0.5, coverage=0.9, width=1.0, seconds=1.0, n=10
    )


class TestWhatFollows:
    """Sentences say what the numbers say, whatever they are."""

    def test_where_links_and_laws_help(self) -> None:
        errors = {EXTRA_TREES: 0.5, ALONE: 0.6, FREE: 0.4, PRIOR: 0.2}
        told = "\n".join(conclusions(scores(errors)))
        assert "With 5 known melting points, where relatives are known, learning from" in told
        assert "where none is, learning from related properties lowers the error by 0.20" in told
        assert "With 60, laws as the prior of the links lowers the error by 0.19" in told
        assert "with laws as prior lowers the error by 0.3" in told

    def test_where_laws_harm(self) -> None:
        errors = {EXTRA_TREES: 0.1, ALONE: 0.2, FREE: 0.4, PRIOR: 0.6}
        told = "\n".join(conclusions(scores(errors)))
        assert "laws as the prior of the links raises the error by 0.2" in told
        assert "learning from related properties raises the error" in told
        assert "with laws as prior raises the error by 0.49" in told


def test_the_picture_names_its_panels_and_scale() -> None:
    table = PropertyTable.from_frame(
        pd.DataFrame({"melting_point_K": [300.0, 400.0], "boiling_point_K": [500.0, 600.0]})
    )
    errors = {EXTRA_TREES: 0.5, ALONE: 0.6, FREE: 0.4, PRIOR: 0.2}
    figure = physics_picture(scores(errors), table, 10, 3, 0.9)
    headings = [annotation.text for annotation in figure.layout.annotations]
    assert headings[0].startswith("<b>Relatives known</b>")
    assert headings[1].startswith("<b>No relative known</b>")
    assert "held out in each of 3 draws; relatives: boiling point" in figure.layout.title.text
    assert figure.layout.yaxis.title.text == "mean |ln(predicted / true)|"
    means = [trace for trace in figure.data if trace.name == PRIOR]
    assert len(means) == 2
    assert means[0].y[0] == pytest.approx(0.2 + 0.001 * len(PRIOR))
