"""What SESSION_ENGINE names: a module with a SessionStore."""

from .backends import SessionStore

__all__ = ["SessionStore"]
