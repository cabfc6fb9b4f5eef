"""Backtests, sweeps and audits as documents, tables for the terminal, and pages."""
