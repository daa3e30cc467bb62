"""models/BASELINE.md is what the program computes, to the digits printed."""

import importlib.util
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "models"


def test_baseline() -> None:
    spec = importlib.util.spec_from_file_location("baseline", FOLDER / "baseline.py")
    assert spec and spec.loader
    baseline = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(baseline)
    kept = (FOLDER / "BASELINE.md").read_text(encoding="utf-8").splitlines()
    fresh = baseline.page().splitlines()
    assert len(kept) == len(fresh)
    for old, new in zip(kept, fresh, strict=True):
        assert re.sub(r"[\d.]+ \|", "|", old) == re.sub(r"[\d.]+ \|", "|", new)
        if old.startswith("| "):
            figures = [[float(word) for word in re.findall(r"(?<=\| )-?[\d.]+(?= \|)", text)] for text in (old, new)]
            assert figures[1] == pytest.approx(figures[0], abs=0.0101)  # one in the last digit printed
