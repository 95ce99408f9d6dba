"""Saving a fitted model to a file, and loading it."""

from __future__ import annotations

import os

from sklearn.utils.validation import check_is_fitted

from hokan.errors import HokanError, ModelFileError
from hokan.estimators import HierarchicalRegressor
from hokan.model import HierarchyModel
from hokan.store.encoding import Decoder, Encoder
from hokan.store.model_file import read_model_file, write_model_file
from hokan.store.soundness import check_model, check_regressor

Saved = HierarchicalRegressor | HierarchyModel


def save_model(model: Saved, path: str | os.PathLike[str]) -> None:
    """Save a fitted model to a file.

    The file is a zip archive of JSON and ``.npy`` arrays; nothing in it is run when it is loaded.
    It holds the training table. It is written in one step, and the same model gives the same
    bytes. Not kept are an estimator's ``progress`` function and, of columns that are only carried
    through, types other than numbers, truth values, texts and times: their cells become text.

    Parameters
    ----------
    model : HierarchicalRegressor or HierarchyModel
        Fitted.
    path : path
        An existing file is replaced. The usual ending is ``.hokan``.

    Raises
    ------
    OutputError
        If the file cannot be written.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    """
    if isinstance(model, HierarchicalRegressor):
        check_is_fitted(model)
    elif not isinstance(model, HierarchyModel):
        raise HokanError(
            "save_model takes a fitted HierarchicalRegressor or HierarchyModel; found "
            f"{type(model).__name__}"
        )
    encoder = Encoder()
    encoded = encoder.encode(model, "")
    write_model_file(path, {"model": encoded}, encoder.arrays)


def load_model(path: str | os.PathLike[str]) -> Saved:
    """Load a fitted model, which predicts what it did when it was saved, to the last bit.

    (On the same machine with the same NumPy; others may differ in the last digits.)

    Parameters
    ----------
    path : path
        A file written by :func:`save_model` or ``hokan fit``.

    Returns
    -------
    HierarchicalRegressor or HierarchyModel
        What was saved.

    Raises
    ------
    ModelFileError
        If there is no such file, or it is not a model, damaged, or from a newer version.
    """
    description, arrays = read_model_file(path)
    try:
        model = Decoder(arrays).decode(description["model"])
        if isinstance(model, HierarchicalRegressor):
            check_regressor(model)
            return model
        if isinstance(model, HierarchyModel):
            check_model(model)
            return model
        raise ModelFileError(f"it holds a {type(model).__name__}")
    except (
        HokanError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise ModelFileError(
            f"{path}: the contents of this model file (saved by hokan "
            f"{description.get('hokan_version')}) do not fit together: {error}. Fit and save the "
            "model again"
        ) from error
