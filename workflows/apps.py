from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """How work moves: flows, tasks, deadlines, relay and subscriptions."""

    name = "workflows"
    verbose_name = "流程"

    def ready(self) -> None:
        """Import every flow, so that stored references resolve and the engine's checks see them."""
        import workflows.flows  # noqa: F401
