"""All addresses: admin, accounts, each app's own, Wagtail last."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.static import serve as serve_file
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.urls import serve_pattern
from wagtail.views import serve

from portal.health import healthz
from portal.page_cache import anonymous_page

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"

urlpatterns = [
    path("v/", include("consultation.urls")),
    path("check-bulletin/", include("consultation.check_urls")),
    path("healthz/", healthz, name="healthz"),
    # One way in for everybody, with its limits and its second factor; Wagtail's own sign-in knows neither.
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("accounts/", include("residents.account_urls")),
    path("code/", include("residents.code_urls")),
    path("sitemap.xml", sitemap),
    path("ui/", include("ui.urls")),
    path("me/", include("residents.my_urls")),
    path("regions/", include("residents.region_urls")),
    path("", include("home.urls")),
    path("v/", include("residents.urls")),
    path("v/", include("villagerules.urls")),
    path("clauses/", include("villagerules.clause_urls")),
    path("contest/", include("contest.urls")),
]
if settings.SERVE_MEDIA:
    urlpatterns.append(
        re_path(
            r"^media/(?P<path>images/.*|original_images/.*)$",
            serve_file,
            {"document_root": settings.MEDIA_ROOT},
        )
    )
# Wagtail's own door, with the cache for anonymous visitors before it.
urlpatterns += [re_path(serve_pattern, anonymous_page(serve), name="wagtail_serve"), path("", include(wagtail_urls))]
