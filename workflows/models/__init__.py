"""Records of the workflows app."""

from workflows.models.process import Process, Task
from workflows.models.work_item import WorkItem

__all__ = ["Process", "Task", "WorkItem"]
