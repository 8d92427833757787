"""Batched reads of the store: loaders, reference resolution and the lineage walk."""
