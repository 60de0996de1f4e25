"""Words are compared in Chinese, whatever language an earlier request of this thread left behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from .pages import make_county


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.fixture(scope="module")
def county_is_there(module_db: None) -> None:
    """Home page, footer pages and county stand from the start, and make_county finds them: half a second a test."""
    make_county()
