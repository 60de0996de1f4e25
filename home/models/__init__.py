from .media import PortalDocument, PortalImage, PortalRendition
from .pages import (
    HomePage,
    NewsIndexPage,
    NewsPage,
    RegionPage,
    StandardPage,
    VillagePage,
)
from .site import SiteSettings

__all__ = [
    "HomePage",
    "NewsIndexPage",
    "NewsPage",
    "PortalDocument",
    "PortalImage",
    "PortalRendition",
    "RegionPage",
    "SiteSettings",
    "StandardPage",
    "VillagePage",
]
