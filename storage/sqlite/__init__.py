"""The embedded store: one file, plain relational tables, links are joins."""
