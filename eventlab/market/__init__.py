"""Prices: sources, quality checks, the simulated market, the aligned panel."""
