"""The mutations, one kind of write a file."""
