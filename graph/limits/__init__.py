"""Limits on what callers may use: query price, rate limit and concurrency."""
