"""Artifacts, references, names and ratings, and the rules for inputs and writes."""
