"""An uploaded table between its preview and its import: carried by the browser, signed, never stored."""

import datetime as dt
import zlib
from base64 import b85decode, b85encode
from dataclasses import dataclass

from django.core import signing

from offices.models import User
from offices.queries.seats import Seat
from offices.services.imports import read_table
from offices.services.imports.taking import take_over

SALT = "offices.imports"
MAX_AGE = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of one kind of table, and the first day of the postings that it brings."""

    kind: str
    name: str
    content: bytes
    since: dt.date | None = None

    def signed_for(self, user: User) -> str:
        """Return a ticket that only this person can hand in, with exactly these bytes."""
        packed = b85encode(zlib.compress(self.content)).decode()
        since = self.since.isoformat() if self.since else ""
        return signing.dumps([str(user.pk), self.kind, self.name, packed, since], salt=SALT)

    @classmethod
    def from_ticket(cls, ticket: str, user: User, kind: str) -> "Upload | None":
        """Read a ticket; None when it is too old, forged, somebody else's or of another kind of table."""
        try:
            owner, signed, name, packed, since = signing.loads(ticket, salt=SALT, max_age=MAX_AGE)
        except signing.BadSignature:
            return None
        if (owner, signed) != (str(user.pk), kind):
            return None
        first = dt.date.fromisoformat(since) if since else None
        return cls(kind, name, zlib.decompress(b85decode(packed)), first)

    def take(self, seat: Seat, password: str) -> int:
        """Take the table over; returns how many records changed."""
        return take_over(
            self.kind,
            read_table(self.name, self.content),
            user_id=seat.user.pk,
            office_id=seat.office.pk,
            since=self.since,
            password=password or None,
        )
