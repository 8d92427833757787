"""The embedded store: one SQLite file with a table of artifacts and one of references."""
