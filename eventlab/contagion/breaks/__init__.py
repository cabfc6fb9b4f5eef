"""Correlation breaks: did the correlation of two assets change, and by more than variance does."""
