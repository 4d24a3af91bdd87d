"""The wiring as a Django application, so that its checks and commands are found."""

from django.apps import AppConfig

from config import celery


class ProjectConfig(AppConfig):
    """Checks of the configuration, and commands that run the product."""

    name = "config"
    verbose_name = "系统配置"
    background = celery.app  # every process knows it, so that tasks are sent to the right broker

    def ready(self) -> None:
        """Register the checks, which look at records and so come after the models."""
        from config import checks  # noqa: F401
