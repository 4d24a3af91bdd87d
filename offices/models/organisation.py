"""Organisations, and offices: an organisation in a capacity."""

from django.db import models

from audit.ids import uuid7


class Level(models.TextChoices):
    """Level of government."""

    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县"
    TOWNSHIP = "township", "乡"


class Organisation(models.Model):
    """A node of the tree of bodies: a county, a department, a township, a leader's post."""

    class Kind(models.TextChoices):
        GOVERNMENT = "government", "政府"
        PARTY = "party", "党委机关"
        DEPARTMENT = "department", "部门"
        TOWNSHIP = "township", "乡镇"
        INSTITUTION = "institution", "事业单位"
        GROUP = "group", "议事协调机构"
        POST = "post", "领导职务"

    id = models.UUIDField(primary_key=True, default=uuid7)
    code = models.SlugField("代码", max_length=60, unique=True)
    title = models.CharField("全称", max_length=120)
    short_title = models.CharField("简称", max_length=40)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    level = models.CharField("层级", max_length=10, choices=Level)
    kind = models.CharField("性质", max_length=12, choices=Kind)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="offices_org_no_self"),
            models.CheckConstraint(condition=models.Q(level__in=Level.values), name="offices_org_level"),
        ]

    def __str__(self) -> str:
        return self.short_title


class Office(models.Model):
    """An organisation in a capacity: 统计局 as collector is another office than 统计局 as assessed unit.

    Tasks are addressed to offices; `capacity` uses the ids of the policy's assessors (`unit`,
    `collector`, `performance_office`, …) and the product's own (`auditor`, `sysadmin`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="offices")
    capacity = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "capacity"], name="offices_office_capacity")
        ]
        indexes = [models.Index(fields=["capacity"], name="offices_office_cap")]

    def __str__(self) -> str:
        return self.title
