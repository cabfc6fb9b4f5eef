"""Pseudo-dates: the tables of every possible date, the draws and what they say."""
