"""Results under regression test: baselines, what moved since, and the pytest plugin.

Light on purpose: pytest imports the plugin in every project of an environment.
"""
