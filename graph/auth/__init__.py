"""Authentication of callers, and the roles that operations require."""
