"""Searches over tiny runs. Where Optuna is not installed, there is nothing to test."""

import pytest

pytest.importorskip("optuna", reason="the extra tune is not installed")
pytest.importorskip("plotly", reason="the extra tune is not installed")
