"""Storage: artifacts and their rules, the Store protocol, and its two implementations."""
