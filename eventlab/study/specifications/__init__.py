"""The specification curve: every reasonable way to ask, and all of them at once."""
