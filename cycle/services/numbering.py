"""Numbers of official documents (发文字号): one series for each issuer, word and year, without gaps."""

from uuid import UUID

from django.db import IntegrityError, transaction

from cycle.models import DocumentNumber
from offices.models import Organisation


def next_number(owner_id: UUID, word: str, year: int) -> str:
    """Take the next number of a government's series, such as 正绩复〔2027〕3号 (GB/T 9704-2012, 7.2.5).

    `word` says what kind of document it is (绩复 for decisions on appeals); the government's own first
    character stands before it. The number belongs to the transaction that issues the document: the series is
    locked until its end, and a refused decision gives its number back. For services only.
    """
    series = Organisation.objects.values_list("short_title", flat=True).get(pk=owner_id)[:1] + word
    row = _held(owner_id, series, year)
    row.last += 1
    row.save(update_fields=["last"])
    return str(row)


def _held(owner_id: UUID, word: str, year: int) -> DocumentNumber:
    key = {"owner_id": owner_id, "word": word, "year": year}
    rows = DocumentNumber.objects.select_for_update().filter(**key)
    found = rows.first()
    if found is None:
        try:
            with transaction.atomic():
                DocumentNumber.objects.create(**key)
        except IntegrityError:
            pass  # somebody else has begun the series at the same moment
        found = rows.get()
    return found
