"""Who leads whom: Granger causality between all pairs, with the number of pairs accounted for."""
