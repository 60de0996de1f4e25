"""Signing in with WeChat: in its own browser by its in-app page, elsewhere by a QR; on when its keys are set."""

from .configuration import offered

__all__ = ["offered"]
