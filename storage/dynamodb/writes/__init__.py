"""Writes: each one conditional transaction."""
