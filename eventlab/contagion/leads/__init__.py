"""Who moves first: covariances on unequal clocks, the order of a chain, and what it passes on."""
