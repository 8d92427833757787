"""The log of changes in the order of their commits, from which the feed is read."""
