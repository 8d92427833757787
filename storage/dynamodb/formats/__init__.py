"""The format of a table: its schema item, the checks of servers, and the migration lease."""
