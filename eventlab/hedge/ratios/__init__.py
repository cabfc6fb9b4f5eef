"""Hedge ratios: how much of the instruments against one unit of the book, from the past alone."""
