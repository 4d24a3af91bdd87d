"""What all flows share: our tables, a blocking lock, their stage."""

from typing import Any, ClassVar

from viewflow.workflow.base import Flow
from viewflow.workflow.lock import SelectForUpdateLock

from cycle.models import Matter, Stage
from workflows.models import Process, Task


class MatterFlow(Flow):
    """A flow over one kind of matter. `key` and the node names are stored ids of the policy: never rename."""

    process_class = Process
    task_class = Task
    lock_impl = SelectForUpdateLock(nowait=False)

    instance: Any
    key: ClassVar[str] = ""
    stage: ClassVar[Stage]
    kind: ClassVar[type[Matter]]

    def cancel(self, process: Process) -> None:
        """The engine's own cancel is closed: it would leave work items open."""
        raise RuntimeError("use workflows.services.cancelling: it closes work items and records who and why")
