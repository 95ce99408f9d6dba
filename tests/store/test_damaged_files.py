"""What is not a sound model is refused, with what is wrong and what to do."""

from __future__ import annotations

import copy
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from hokan import HierarchicalRegressor, HokanError, __version__
from hokan.datasets.synthetic import make_hierarchy
from hokan.errors import ModelFileError, OutputError
from hokan.store import FORMAT_VERSION, load_model, save_model
from hokan.store.model_file import read_model_file, write_model_file

Change = Callable[[dict[str, Any], dict[str, np.ndarray]], None]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[HierarchicalRegressor, bytes]:
    path = tmp_path_factory.mktemp("store") / "model.hokan"
    drawn = make_hierarchy(20, 3, n_descriptors=2, random_state=1).table
    estimator = HierarchicalRegressor(descriptors=["x1", "x2"], n_restarts=0, max_iterations=5)
    estimator.fit(drawn.frame)
    save_model(estimator, path)
    return estimator, path.read_bytes()


@pytest.fixture
def path(saved: tuple[HierarchicalRegressor, bytes], tmp_path: Path) -> Path:
    path = tmp_path / "model.hokan"
    path.write_bytes(saved[1])
    return path


def rewrite(path: Path, change: Change) -> None:
    """Write a file again with other contents and true checksums."""
    head, arrays = read_model_file(path)
    change(head, arrays)
    write_model_file(path, head, arrays)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_refused_or_harmless(
    saved: tuple[HierarchicalRegressor, bytes],
    tmp_path_factory: pytest.TempPathFactory,
    differences: Callable[..., list[str]],
    data: st.DataObject,
) -> None:
    estimator, content = saved
    path = tmp_path_factory.getbasetemp() / "damaged.hokan"
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        broken = content[:place]
    else:
        flipped = content[place] ^ data.draw(st.integers(1, 255))
        broken = content[:place] + bytes([flipped]) + content[place + 1 :]
    path.write_bytes(broken)
    try:
        loaded = load_model(path)
    except ModelFileError:
        pass
    else:
        assert isinstance(loaded, HierarchicalRegressor)
        assert differences(estimator.model_, loaded.model_) == []


def test_what_is_no_model(path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    with pytest.raises(ModelFileError, match="there is no such model file"):
        load_model(tmp_path / "absent.hokan")
    with pytest.raises(ModelFileError, match="is a folder"):
        load_model(tmp_path)
    path.write_text("formula,T\nNaCl,1074\n")
    with pytest.raises(ModelFileError, match="is not a hokan model"):
        load_model(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no model")
    with pytest.raises(ModelFileError, match="is a zip archive, but not a hokan model"):
        load_model(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.json", '{"format": "other"}')
    with pytest.raises(ModelFileError, match="is a zip archive, but not a hokan model"):
        load_model(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelFileError, match=r"is damaged\. Copy it again .* fit and save"):
        load_model(path)


def test_a_newer_version_is_told(path: Path) -> None:
    def newer(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        head.update(format_version=FORMAT_VERSION + 1, hokan_version="9.1")

    rewrite(path, newer)
    message = (
        rf"newer hokan \(9\.1, model format {FORMAT_VERSION + 1}\); this is hokan {__version__}"
    )
    with pytest.raises(ModelFileError, match=message) as caught:
        load_model(path)
    assert "pip install --upgrade hokan" in str(caught.value)


def _set(name: str, value: np.ndarray) -> Change:
    def change(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        full = [key for key in arrays if key.endswith(name)]
        assert len(full) == 1
        arrays[full[0]] = value

    return change


def _drop(name: str) -> Change:
    def change(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        del arrays[next(key for key in arrays if key.endswith(name))]

    return change


def _parts(*where: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def find(head: dict[str, Any]) -> dict[str, Any]:
        parts = head["model"]["parts"]
        for name in where:
            parts = dict(parts["dict"])[name] if "dict" in parts else parts[name]
            parts = parts.get("parts", parts)
        return parts

    return find


def _edit(find: Callable[[dict[str, Any]], dict[str, Any]], key: str, value: Any) -> Change:
    def change(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        parts = find(head)
        if value is None:
            del parts[key]
        else:
            parts[key] = value

    return change


MODEL = _parts("fitted", "model_")
SPACE = _parts("fitted", "model_", "space")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("parameters.links", np.full((3, 3), np.nan)), "links: holds nan"),
        (_set("parameters.variances", np.ones((2, 3))), r"variances: expected float64 \(4, 3\)"),
        (_set("parameters.variances", -np.ones((4, 3))), "variances: holds -1"),
        (_set("cells.values", np.ones((19, 3))), r"values: expected float64 \(20, 3\)"),
        (_set("cells.values", np.full((20, 3), np.inf)), "values: holds inf"),
        (_set("features.identity", np.zeros(20)), r"identity: expected int64 \(20,\)"),
        (_set("layout.parent_mask", np.ones((3, 3), bool)), "do not fit together"),
        (_set("table_.values", np.ones((19, 3))), "values of the table: expected"),
        (_set("space.relevance", np.ones(3)), r"relevance: expected float64 \(2,\)"),
        (_set("space.scale", np.zeros(2)), "scale: expected 2 positive numbers"),
        (_set("rank_values", np.ones(3)), "its parts do not add up"),
        (_drop("cells.values"), r"the array '.*cells\.values' is missing"),
        (_edit(MODEL, "space", None), "space"),
        (_edit(MODEL, "unheard_of", 1), "unheard_of"),
        (_edit(MODEL, "notes", {"tuple": [1]}), "note: expected a str, found int"),
        (_edit(MODEL, "transforms", {"tuple": []}), "number of transforms: expected 3, found 0"),
        (_edit(MODEL, "graph", {"object": "os.system", "parts": {}}), "'os.system', which is not"),
        (_edit(SPACE, "names", {"tuple": ["x1"]}), "number of descriptors: expected 1, found 2"),
        (_edit(_parts(), "parameters", {"dict": [["colour", 1]]}), "colour"),
    ],
)
def test_contents_that_do_not_fit_together(path: Path, change: Change, message: str) -> None:
    rewrite(path, change)
    with pytest.raises(ModelFileError, match=message) as caught:
        load_model(path)
    assert "Fit and save the model again" in str(caught.value)


def test_missing_and_unexpected_entries_are_named(path: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    gone = next(name for name in entries if name.endswith("links.npy"))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            if name != gone:
                archive.writestr(name, content)
    with pytest.raises(ModelFileError, match=r"missing or unexpected: .*links"):
        load_model(path)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**entries, "extra.py": b"print()"}.items():
            archive.writestr(name, content)
    with pytest.raises(ModelFileError, match=r"missing or unexpected: extra\.py"):
        load_model(path)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, entries[gone][:-8] + b"\1" * 8 if name == gone else content)
    with pytest.raises(ModelFileError, match="its checksum differs"):
        load_model(path)


def test_a_small_file_cannot_claim_to_be_huge(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hokan.store.model_file._LARGE", 2**20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.json", '{"format": "hokan model"}' + " " * 30_000_000)
    with pytest.raises(ModelFileError, match="claim to hold 30 MB"):
        load_model(path)


def test_only_fitted_models_are_saved(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        save_model(HierarchicalRegressor(), tmp_path / "model.hokan")
    with pytest.raises(HokanError, match="found str"):
        save_model("model", tmp_path / "model.hokan")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_where_nothing_can_be_written(
    saved: tuple[HierarchicalRegressor, bytes], tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="there is no folder"):
        save_model(saved[0], tmp_path / "absent" / "model.hokan")
    with pytest.raises(OutputError, match="is a folder"):
        save_model(saved[0], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_stored_is_named(
    saved: tuple[HierarchicalRegressor, bytes], tmp_path: Path
) -> None:
    model = copy.deepcopy(saved[0])
    model.model_.posterior.layout.kernels = (object(),)
    with pytest.raises(OutputError, match=r"layout\.kernels\.0: a builtins\.object cannot"):
        save_model(model, tmp_path / "model.hokan")
    assert list(tmp_path.iterdir()) == []
