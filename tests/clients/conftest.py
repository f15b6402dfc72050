"""The api's own fixtures, for real clients of other people's making."""

from tests.service.api.conftest import services, site, world

__all__ = ["services", "site", "world"]
