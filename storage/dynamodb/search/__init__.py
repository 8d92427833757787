"""The search index of a table: a copy on this machine, which polls the log of changes."""
