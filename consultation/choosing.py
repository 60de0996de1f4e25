"""What a voter is asked to choose, and what is said to one whose ballot cannot be taken as it is."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .errors import Invalid
from .options import Form


def asked(form: Form) -> str:
    """What to do on this ballot, for whoever has chosen nothing that is on it."""
    if not form.keys:
        return _("请选择赞成、反对或者弃权，再按“投票”。")
    if form.ranked:
        return _("请从 1 排起，不要重复，不要跳过，可以只排前几个；都不想排就只选弃权。排好再按“投票”。")
    if not form.several:
        return _("请选一个方案，或者选弃权，再按“投票”。")
    return _("请选 1 到 %(most)s 个方案，或者只选弃权，再按“投票”。") % {"most": form.most}


def require_choice(form: Form, choice: str) -> str:
    """The ballot's text in the ballot's order. Raises Invalid for what this form does not offer."""
    fault = form.fault(choice)
    if not fault:
        return form.tidy(choice)
    if fault == "many" and form.several:
        said = _("最多选 %(most)s 个，您选了 %(picked)s 个。请去掉几个，再按“投票”。")
        raise Invalid(said % {"most": form.most, "picked": form.count(choice)}, field="choice")
    if fault == "many":
        raise Invalid(_("只能选一个。请只留一个，再按“投票”。"), field="choice")
    if fault == "abstain":
        raise Invalid(_("弃权就不要再选方案。请只留一样，再按“投票”。"), field="choice")
    raise Invalid(asked(form), field="choice")
