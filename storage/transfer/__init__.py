"""Import and export of artifacts."""
