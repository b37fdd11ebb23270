"""The one place that builds objects: from settings to services, opened together and closed together."""

from solegate.bootstrap.config import client_config, limit_profile
from solegate.bootstrap.house import House, open_house, open_services
from solegate.bootstrap.services import Services

__all__ = ["House", "Services", "client_config", "limit_profile", "open_house", "open_services"]
