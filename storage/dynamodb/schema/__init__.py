"""The table's definition: its keys, attributes and indexes."""
