"""Where the registry is kept: its nouns, the Store protocol and two stores that speak it."""
