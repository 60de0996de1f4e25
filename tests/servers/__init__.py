"""Real servers for the tests: each on its own Unix socket, in its own folder, gone afterwards."""

from .browser import find_browser, launch_arguments
from .folder import ServerFailed, ServerUnavailable
from .postgres import PostgresServer
from .valkey import ValkeyServer

__all__ = [
    "PostgresServer",
    "ServerFailed",
    "ServerUnavailable",
    "ValkeyServer",
    "find_browser",
    "launch_arguments",
]
