"""Saving and loading fitted models: one file, versioned, without pickle."""

from hokan.store.model_file import FORMAT_VERSION
from hokan.store.saving import load_model, save_model

__all__ = ["FORMAT_VERSION", "load_model", "save_model"]
