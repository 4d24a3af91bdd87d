"""The wiring as a Django application, so that its checks and commands are found."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Checks of the configuration, commands that run the product."""

    name = "config"
    verbose_name = "系统配置"
