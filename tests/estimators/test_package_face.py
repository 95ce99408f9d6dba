"""What ``import hokan`` offers, and that it is quick."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hokan


def test_every_name_can_be_had() -> None:
    assert set(hokan.__all__) <= set(dir(hokan))
    for name in hokan.__all__:
        assert getattr(hokan, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Regressor'"):
        hokan.Regressor  # noqa: B018


def test_heavy_packages_wait_until_they_are_needed() -> None:
    loaded = "import hokan, sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    names = set(found.stdout.split())
    assert "hokan" in names
    assert not names & {"numpy", "scipy", "pandas", "sklearn", "plotly", "pyarrow"}
