"""Records of the offices app."""

from offices.models.leaders import LeaderAssignment
from offices.models.organisation import Office, Organisation
from offices.models.posting import Posting
from offices.models.user import User

__all__ = ["LeaderAssignment", "Office", "Organisation", "Posting", "User"]
