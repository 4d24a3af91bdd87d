"""Short names of offices for tables and drawings, where the full title leaves no room."""

from offices.models import Office

_AS = {"collector": "（采集）", "joint_review": "（会审）"}


def short_name(office: Office) -> str:
    """财政局, or 财政局（采集） where it acts in another capacity. Load the organisation with it."""
    return f"{office.organisation.short_title}{_AS.get(office.capacity, '')}"
