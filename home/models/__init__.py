from .media import PortalDocument, PortalImage, PortalRendition
from .pages import (
    HomePage,
    NewsIndexPage,
    NewsPage,
    RegionPage,
    StandardPage,
    VillagePage,
)
from .pilots import PilotPage
from .site import SiteSettings

__all__ = [
    "HomePage",
    "NewsIndexPage",
    "NewsPage",
    "PilotPage",
    "PortalDocument",
    "PortalImage",
    "PortalRendition",
    "RegionPage",
    "SiteSettings",
    "StandardPage",
    "VillagePage",
]
