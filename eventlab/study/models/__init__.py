"""Normal returns and what they leave: the models, one file each kind, and their arrays."""
