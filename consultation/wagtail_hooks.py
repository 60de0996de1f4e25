"""The county edits the law as data: sources and procedure presets, for whoever holds the right."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from .models import LawSource, ProcedurePreset, TopicCategory


class LawSourceViewSet(ModelViewSet):
    model = LawSource
    icon = "doc-full"
    list_display = ["name", "edition", "in_force_from", "in_force_to"]
    form_fields = ["key", "name", "edition", "in_force_from", "in_force_to"]


class ProcedurePresetViewSet(ModelViewSet):
    """What runs already keeps its own copy; an edit here holds for meetings noticed from now on."""

    model = ProcedurePreset
    icon = "list-ol"
    list_display = ["label", "applies_to", "law", "citation", "verified"]
    list_filter = ["applies_to", "binding", "verified"]
    form_fields = [
        "key", "body", "label", "applies_to", "electorate",
        "quorum_op", "quorum_num", "quorum_den", "quorum_basis",
        "threshold_of", "threshold_op", "threshold_num", "threshold_den",
        "notice_days", "notice_basis", "urgent_allowed", "binding", "remote_default", "proxy", "proxy_cap",
        "petition_num", "petition_den", "petition_delegates_num", "petition_delegates_den",
        "petition_days", "petition_days_basis", "signers", "speech_minutes", "law", "citation", "verified",
    ]  # fmt: skip


class TopicCategoryViewSet(ModelViewSet):
    """What residents choose from, and which matters are somebody else's by law; open topics keep what they have."""

    model = TopicCategory
    icon = "tag"
    list_display = ["label", "applies_to", "reserved_for", "source", "citation", "verified", "offered"]
    list_filter = ["applies_to", "reserved_for", "verified"]
    form_fields = [
        "key", "applies_to", "position", "label", "reserved_for", "source", "citation", "verified", "offered",
    ]  # fmt: skip


class ProcedureViewSetGroup(ModelViewSetGroup):
    menu_label = _("会议程序")
    menu_icon = "list-ol"
    items = (
        ProcedurePresetViewSet("presets"),
        LawSourceViewSet("law-sources"),
        TopicCategoryViewSet("topic-categories"),
    )


@hooks.register("register_admin_viewset")
def procedures() -> ProcedureViewSetGroup:
    return ProcedureViewSetGroup()
