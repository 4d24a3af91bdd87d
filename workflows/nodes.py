"""The engine's inside: our human step, our start and end. Only this module knows viewflow's activations.

viewflow gives the graph, the tokens and the status rules; nothing here saves a row by itself. Every write is
queued on the ledger's page (see `workflows.rows`), so that completing a task is one batch.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge, Node
from viewflow.workflow.nodes.end import End, EndActivation
from viewflow.workflow.nodes.start import StartHandle, StartHandleActivation
from viewflow.workflow.status import PROCESS, STATUS

from cycle.models import Matter
from workflows import rows, serving
from workflows.models import Process, Task, WorkItem

Does = Callable[..., Any]
Rule = tuple[str, str]
LAPSE = "lapse"
"""The name of the way that a step goes by itself when its deadline has passed."""


@dataclass(slots=True)
class Choice:
    """One way out of a step: the button's title, where it leads, which service it calls."""

    name: str
    title: str
    target: Any
    does: Does | None
    needs_reason: bool = False

    @property
    def is_return(self) -> bool:
        """Whether this sends the matter back (退回)."""
        return self.name.startswith("back_")

    @property
    def is_lapse(self) -> bool:
        """Whether this is no button: the system goes this way when the time is over."""
        return self.name == LAPSE


class NoWayBack:
    """The engine's own undo and revive are closed: they would move tasks without their work items."""

    def undo(self) -> None:
        raise RuntimeError("a finished step is never undone: a matter goes back by a way of its present step")

    def revive(self) -> None:
        raise RuntimeError("nothing is revived: a task that was cancelled stays cancelled")


class StepActivation(NoWayBack, Activation):
    """A human task in memory. `choice` and `at` are set by whoever advances it."""

    choice: Choice
    at: dt.datetime

    @classmethod
    def create(
        cls, flow_task: Any, prev_activation: Any, token: Any, data: Any = None, seed: Any = None
    ) -> "StepActivation":
        """Build the task of the next node and queue its row."""
        activation = cls(_queue_task(flow_task, prev_activation, token))
        activation.at = prev_activation.at
        return activation

    @Activation.status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        """Serve the task on its offices."""
        serving.serve(self.task, self.flow_task, at=self.at)

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.STARTED)
    def start(self) -> None:
        """Somebody acts."""
        self.task.started = self.at

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        """The step is done."""
        self.task.finished = self.at
        rows.close_task(self.task)

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[Activation]:
        """Go where the choice leads, past steps that the policy leaves out."""
        yield landing(self.process, self.choice.target)._create(self, self.task.token)


class FinishActivation(NoWayBack, EndActivation):
    """Ends the process. Our flows have one token, so nothing else can be running."""

    at: dt.datetime

    @classmethod
    def create(
        cls, flow_task: Any, prev_activation: Any, token: Any, data: Any = None, seed: Any = None
    ) -> "FinishActivation":
        activation = cls(_queue_task(flow_task, prev_activation, token, finished=True))
        activation.at = prev_activation.at
        return activation

    @Activation.status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        self.process.status, self.process.finished = PROCESS.DONE, self.at
        rows.finish_process(self.process)

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.DONE)
    def complete(self) -> None:
        """The row was queued as finished."""

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> list[Activation]:
        return []


class BeginActivation(NoWayBack, StartHandleActivation):
    """The start task. Processes are started by `workflows.services.starting` only."""

    @Activation.status.transition(source=STATUS.NEW)
    def execute(self) -> None:
        raise RuntimeError("use workflows.services.starting.start_all: it is the only way to start")


class Begin(StartHandle):
    """Start of a flow; its engine door is closed."""

    activation_class = BeginActivation

    def __init__(self) -> None:
        super().__init__()

    def run(self, **kwargs: Any) -> Any:
        raise RuntimeError("use workflows.services.starting.start_all: it is the only way to start")


class Finish(End):
    """End of a flow."""

    activation_class = FinishActivation

    def __init__(self) -> None:
        super().__init__()


class Step(Node):
    """Human work: done by offices that the policy names, through one service of `cycle` per choice.

    `does` is called with the matter's id, `by`, `at`, `comment` and the form's fields. `role="head"` asks
    for the head of the office. `joint=True` makes one task with an item for each office; `after` runs when
    the last of them has agreed. `to` names the offices where the record, not the policy, knows them;
    `rule` is the policy's (flow, step) where it differs from this flow and this node, or says which of a
    matter's. `when` says of a matter whether it needs this step at all. `keeps_drafts=False`: what is typed
    is secret and stays in the browser until it is submitted.
    """

    flow_class: Any
    task_type = "HUMAN"
    activation_class = StepActivation
    bpmn_element = "userTask"
    shape = {"width": 150, "height": 100, "text-align": "middle", "svg": '<rect width="150" height="100"/>'}

    def __init__(
        self,
        title: str,
        *,
        does: Does,
        button: str = "提交",
        role: str = "",
        joint: bool = False,
        after: Does | None = None,
        to: Callable[[Matter], Iterable[UUID]] | None = None,
        rule: Rule | Callable[[Matter | None], Rule] | None = None,
        when: Callable[[Matter], bool] | None = None,
        keeps_drafts: bool = True,
    ) -> None:
        super().__init__()
        self.task_title = title
        self.does, self.button, self.role, self.joint = does, button, role, joint
        self.after, self.to, self.when, self.keeps_drafts = after, to, when, keeps_drafts
        self._rule = rule
        self._edges: list[tuple[str, str, Any, Does | None, bool]] = []
        self.choices: dict[str, Choice] = {}

    def Next(self, node: Any) -> "Step":
        """The way on."""
        self._edges.append(("next", self.button, node, self.does, False))
        return self

    def Back(self, *nodes: Any, does: Does) -> "Step":
        """Ways back (退回), one for each named earlier step; a reason is required."""
        for node in nodes:
            self._edges.append((f"back_{node.name}", "退回", node, does, True))
        return self

    def Reject(self, node: Any, *, does: Does, title: str) -> "Step":
        """A negative decision with a reason."""
        return self.Or("reject", node, does=does, title=title)

    def Or(self, name: str, node: Any, *, does: Does, title: str) -> "Step":
        """Another way on, with a reason."""
        self._edges.append((name, title, node, does, True))
        return self

    def Lapse(self, node: Any, *, does: Does, title: str) -> "Step":
        """Where the matter goes by itself when the deadline has passed; `title` says what that means."""
        self._edges.append((LAPSE, title, node, does, False))
        return self

    def rule_for(self, matter: Matter | None) -> Rule:
        """Return which step of which flow of the policy rules this step (None: of any matter)."""
        if callable(self._rule):
            return self._rule(matter)
        return self._rule or (self.flow_class.key, self.name)

    @property
    def lapses(self) -> bool:
        """Whether the matter goes on by itself when the deadline has passed."""
        return LAPSE in self.choices

    def _resolve(self, instance: Any) -> None:
        self.choices = {}
        for name, title, target, does, needs_reason in self._edges:
            node = self.flow_class._nodes_by_name[target.name]
            shown = f"退回{node.task_title}" if name.startswith("back_") else title
            self.choices[name] = Choice(name, shown, node, does, needs_reason)

    def _outgoing(self) -> Iterator[Edge]:
        for choice in self.choices.values():
            kind = "next" if choice.name == "next" else "cond_false"
            yield Edge(src=self, dst=choice.target, edge_class=kind)


def landing(process: Process, node: Any) -> Any:
    """Return the node where the token comes to rest: it passes over what policy or matter leave out."""
    while isinstance(node, Step) and serving.skips(process, node):
        node = node.choices["next"].target
    return node


def _queue_task(flow_task: Any, prev: Any, token: Any, *, finished: bool = False) -> Task:
    task = Task(
        process=prev.process,
        flow_task=flow_task,
        flow_task_type=flow_task.task_type,
        status=STATUS.NEW,
        token=token,
        created=prev.at,
        started=prev.at if finished else None,
        finished=prev.at if finished else None,
    )
    rows.insert_tasks([task], status=STATUS.DONE if finished else STATUS.NEW)
    rows.link_tasks([(task, prev.task)])
    return task


def advance(task: Task, choice: Choice, *, at: dt.datetime) -> list[WorkItem]:
    """Complete `task` by `choice`; return the items served next. The caller holds the process."""
    activation = StepActivation(task)
    activation.choice, activation.at = choice, at
    with serving.collecting() as served:
        activation.start()
        activation.complete()
        activation.activate_next()
    return served
