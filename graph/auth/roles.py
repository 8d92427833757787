"""The roles of callers; each role includes the permissions of those before it."""

from collections.abc import Iterable
from enum import Enum


class Role(Enum):
    """The roles, from the lowest to the highest."""

    NONE = "none"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Return whether this role includes the permissions of another one."""
        order = list(Role)
        return order.index(self) >= order.index(other)


def highest_role(roles: Iterable[Role]) -> Role:
    """Return the highest of some roles, or NONE if there are none."""
    return max(roles, key=list(Role).index, default=Role.NONE)
