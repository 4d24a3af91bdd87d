"""`manage.py reconcile`: do tasks, items, records and ledger agree? For every night and after a restore."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflows.queries.reconciling import reconcile


class Command(BaseCommand):
    """Count inconsistencies; succeed only when there is none."""

    help = "Check that tasks, work items, records and ledger agree; fails when they do not."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = reconcile()
        for finding in findings:
            shown = f"（{'、'.join(finding.examples)}）" if finding.examples else ""
            self.stdout.write(f"{finding.rule.title}：{finding.count} 处{shown}")
        if any(finding.count for finding in findings):
            raise CommandError("核对发现不一致：请保留以上输出，暂停办理所列事项，并通知系统维护人员处理。")
        self.stdout.write("核对完毕，任务、待办、记录与台账完全一致。")
