"""The embedded store: one SQLite file with artifacts, their references and their changes."""
