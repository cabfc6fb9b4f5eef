"""How much of each series' surprises comes from the others: forecast error variances of a VAR."""
