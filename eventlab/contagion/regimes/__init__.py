"""Slower states around an event: rank buckets, time-varying betas, bubbles."""
