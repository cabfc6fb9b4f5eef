"""What a simulation says to a reader: events, legs, effectiveness, drawdowns, comparisons."""
