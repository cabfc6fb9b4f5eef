"""Clocks, event sessions, windows and overlaps."""
