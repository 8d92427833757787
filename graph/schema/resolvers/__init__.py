"""Resolver logic that several fields share: lookups, listings and writes."""
