"""Two runs side by side: what changed, and why."""
