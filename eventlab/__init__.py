"""Event studies on real clocks: from a YAML event to abnormal returns, honest tests and a page."""

from __future__ import annotations

__version__ = "0.1.0"
