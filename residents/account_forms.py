"""Accounts as operators keep them in Wagtail: one name as people say it, and nobody is made a superuser there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import UserViewSet

from .models import User


class _OneName(forms.ModelForm):
    first_name = None
    last_name = None
    email = forms.EmailField(label=_("电子邮箱"), required=False)
    display_name = forms.CharField(label=_("姓名"), max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "is_superuser" in self.fields:
            # A disabled field keeps its value whatever a request says: operators can't make themselves more.
            self.fields["is_superuser"].disabled = True
            self.fields["is_superuser"].help_text = _("正式网站没有超级用户，权限都由下面的组决定。")


class AccountCreationForm(_OneName, UserCreationForm):
    class Meta:
        model = User
        fields = ("username", "display_name", "email", "is_superuser", "groups")
        widgets = {"groups": forms.CheckboxSelectMultiple}


class AccountEditForm(_OneName, UserEditForm):
    class Meta:
        model = User
        fields = ("username", "display_name", "email", "is_active", "is_superuser", "groups")
        widgets = {"groups": forms.CheckboxSelectMultiple}


class AccountViewSet(UserViewSet):
    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return AccountEditForm if for_update else AccountCreationForm
