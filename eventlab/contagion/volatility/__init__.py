"""Correlations that change from bar to bar, and volatility that travels."""
