"""What callers may do: roles, each of which may all that the ones before it may."""

from enum import Enum


class Role(Enum):
    """The roles, from the least to the greatest."""

    NONE = "none"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Whether this role may all that the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


def greatest(roles: set[Role]) -> Role:
    """The greatest of some roles; of none, NONE."""
    return max(roles, key=list(Role).index, default=Role.NONE)
