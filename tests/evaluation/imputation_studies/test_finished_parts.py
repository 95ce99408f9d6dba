"""Finished parts are kept whatever happens, and only where they belong."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.errors import OutputError
from hokan.evaluation.imputation_studies import Part
from hokan.evaluation.imputation_studies.finished_parts import FinishedParts

SETTINGS = {"study": "missingness", "seed": 0, "properties": ["a", "b"]}


def part(repeat: int = 0, **changes: object) -> Part:
    usual = {"mechanism": "MCAR", "share": 0.3, "n_rows": 50, "n_columns": 2}
    return Part(repeat, **(usual | {"method": "mean", "scale": "log"} | changes))


def test_what_was_added_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "parts.jsonl"
    finished = FinishedParts(path, SETTINGS)
    assert not path.exists()  # nothing is written before there is a result
    finished.add(part(0), {"error": 0.1 + 0.2, "failed": ""})
    finished.add(part(1, share=0.1), {"error": math.nan, "failed": "für nichts"})
    again = FinishedParts(path, SETTINGS)
    assert len(again) == 2
    assert again[part(0)] == {"error": 0.1 + 0.2, "failed": ""}
    assert math.isnan(again[part(1, share=0.1)]["error"])
    assert part(1) not in again
    assert again.notes == [f"2 finished parts are there already: {path}."]


@given(cut=st.integers(0, 10_000))
@settings(deadline=None)
def test_a_file_cut_anywhere_is_taken_up_from_the_last_whole_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "parts.jsonl"
    finished = FinishedParts(path, SETTINGS)
    records = {part(repeat): {"error": repeat / 7} for repeat in range(3)}
    for each, record in records.items():
        finished.add(each, record)
    whole = path.read_bytes()
    cut = min(cut, len(whole))
    path.write_bytes(whole[:cut])
    resumed = FinishedParts(path, SETTINGS)
    there = max(whole[:cut].count(b"\n") - 1, 0)
    assert len(resumed) == there
    clean = cut == 0 or whole[cut - 1 : cut] == b"\n"
    assert any("not written to its end" in note for note in resumed.notes) is not clean
    for each, record in records.items():
        if each not in resumed:
            resumed.add(each, record)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 1}, "seed: 0 there, 1 now"),
        ({"properties": ["a", "c"]}, "properties: a, b there, a, c now"),
        ({"strength": 2.0}, "strength: None there, 2.0 now"),
    ],
)
def test_a_study_with_other_settings_is_refused(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    path = tmp_path / "parts.jsonl"
    FinishedParts(path, SETTINGS).add(part(), {"error": 1.0})
    before = path.read_bytes()
    with pytest.raises(OutputError, match=r"other settings.*Name another folder") as raised:
        FinishedParts(path, SETTINGS | changes)
    assert told in str(raised.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        "formula,a\nNaCl,1\n",
        '{"settings": 1}\n',
        "[]\n",
        json.dumps({"settings": SETTINGS}) + '\n{"part": {"repeat": 0}, "record": {}}\n',
    ],
)
def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "parts.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OutputError, match=r"line \d: is no result of a study"):
        FinishedParts(path, SETTINGS)
    assert path.read_text(encoding="utf-8") == text


def test_without_a_file_records_are_kept_in_memory() -> None:
    finished = FinishedParts(None, SETTINGS)
    finished.add(part(), {"error": 1.0})
    assert part() in finished
    assert finished.notes == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no folder"):
        FinishedParts(tmp_path / "none" / "parts.jsonl", SETTINGS)
