"""Migration of tables from the earlier backend; serving does not use it."""
