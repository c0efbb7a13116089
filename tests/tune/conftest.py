"""Searches over tiny runs. Where Optuna is not installed, there is nothing to test."""

import pytest


def pytest_collect_file():
    """Before a file here is imported, which would fail."""
    for name in ("optuna", "plotly"):
        pytest.importorskip(name, reason="the extra tune is not installed")
