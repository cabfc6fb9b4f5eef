"""Strict, frozen models of every YAML kind, and the one reader of their files."""
