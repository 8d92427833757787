"""The mutations, one file per kind of write."""
