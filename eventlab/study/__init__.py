"""Normal returns, abnormal returns, inference and placebo."""
