"""Random clients, what they were told, and whether the store afterwards agrees with it."""
