"""Who acts. The ledger keeps ids *and* names, so that an event can be read without any other table."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting in an office, or the system itself (`user_id` is None).

    `role` is `handler`, `head` or empty; `behalf_id` and `behalf_name` name the person in whose place
    somebody acts (delegation, paper entered for a unit).
    """

    user_id: UUID | None
    name: str
    office_id: UUID | None = None
    office_title: str = ""
    role: str = ""
    behalf_id: UUID | None = None
    behalf_name: str = ""


SYSTEM = Actor(user_id=None, name="系统")
