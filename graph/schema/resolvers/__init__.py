"""What queries and mutations share: lookups, listings and writes."""
