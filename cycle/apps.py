from django.apps import AppConfig


class CycleConfig(AppConfig):
    """What is assessed and what came out: records, their states, the services that change them."""

    name = "cycle"
    verbose_name = "绩效周期"
