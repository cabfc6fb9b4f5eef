"""The tests over events: samples, one file per family, the headline rule and the battery."""
