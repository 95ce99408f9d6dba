"""Making holes by a known mechanism: at random, by other values, by the values themselves."""

from __future__ import annotations

from hokan.evaluation.amputation.ampute import MECHANISMS, ampute

__all__ = ["MECHANISMS", "ampute"]
