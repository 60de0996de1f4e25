from django.urls import path

from . import audit_views, dashboard_views, pilot_views, region_views, registry_views, search_views, views

app_name = "home"
urlpatterns = [
    path("regions/", region_views.regions, name="regions"),
    path("regions/<slug:region>/", region_views.region, name="region"),
    path("dashboards/", dashboard_views.dashboards, name="dashboards"),
    path("regions/<slug:region>/dashboard/", dashboard_views.region_dashboard, name="region_dashboard"),
    path("regions/<slug:region>/rules/", registry_views.registry, name="registry"),
    path("regions/<slug:region>/rules.xlsx", registry_views.registry_file, name="registry_file"),
    path("regions/<slug:region>/pilots/", pilot_views.pilots, name="pilots"),
    path("regions/<slug:region>/pilots/mark/", pilot_views.mark, name="mark_pilot"),
    path("regions/<slug:region>/pilots/<slug:village>/end/", pilot_views.end, name="end_pilot"),
    path("regions/<slug:region>/villages/new/", region_views.new_village, name="new_village"),
    path("regions/<slug:region>/villages/import/", region_views.import_villages, name="import_villages"),
    path("regions/<slug:region>/villages/import/blank.xlsx", region_views.blank_villages, name="blank_villages"),
    path("regions/<slug:region>/villages/import/<str:token>/", region_views.villages_preview, name="villages_preview"),
    path("regions/<slug:region>/villages/merge/", region_views.merge_villages, name="merge_villages"),
    path("v/<slug:village>/audit/", audit_views.audit, name="audit"),
    path("v/<slug:village>/audit-heads/", audit_views.audit_heads, name="audit_heads"),
    path("v/<slug:village>/audit-heads.json", audit_views.audit_heads_file, name="audit_heads_file"),
    path("find/", views.find, name="find"),
    path("search/", search_views.search_page, name="search"),
    path("me/", views.me, name="me"),
    path("demo-accounts/", views.demo_accounts, name="demo_accounts"),
]
