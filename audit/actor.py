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

    @property
    def user(self) -> UUID:
        """The person's id, where only a person may act; raises RuntimeError for the system."""
        if self.user_id is None:
            raise RuntimeError("the system acted where only a person may")
        return self.user_id

    @property
    def office(self) -> UUID:
        """The office's id, where only an office may act; raises RuntimeError for the system."""
        if self.office_id is None:
            raise RuntimeError("the system acted where only an office may")
        return self.office_id


SYSTEM = Actor(user_id=None, name="系统")
