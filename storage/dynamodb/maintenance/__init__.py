"""Checks and repairs of a whole table, for commands."""
