"""The GraphiQL page and its assets."""
