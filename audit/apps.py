from django.apps import AppConfig


class AuditConfig(AppConfig):
    """What happened: ledger, outbox, actor and refusals, stored bytes. Knows no other app."""

    name = "audit"
    verbose_name = "审计"
