"""Reads: artifacts, reference resolution, reverse links and counts."""
