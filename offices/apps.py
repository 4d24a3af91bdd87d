from django.apps import AppConfig


class OfficesConfig(AppConfig):
    """Who: users, organisations, offices, postings with dates."""

    name = "offices"
    verbose_name = "机构与岗位"
