"""Colours and shapes of charts: told apart by lightness, dash and shape as well, so that a print in black and white can be read."""

from __future__ import annotations

SUPPLY, RETURN = "#b3261e", "#1d4f91"
GROUND, DARK = "#7a6a4f", "#222222"
LOW, GOOD, HIGH = "#16437e", "#8fbf8a", "#e07b39"  # too little, right, too much: dark, light, between
PALER = ("#9db8d6", "#c9cdd3")
