"""The command line: ``hokan fill``, ``fit``, ``predict``, ``describe`` and ``demo``."""

from __future__ import annotations

from hokan.cli.main import main

__all__ = ["main"]
