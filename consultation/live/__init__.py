"""The live path: `announce` says that a meeting changed; each process makes its frames once and hands them out.

`announce` marks the meeting after commit; the registry keeps the open sockets of this process; the ticker reads the
meeting once per tick and process, whoever and however many watch. Nothing here decides anything: a ballot is counted
from the database alone.
"""

from .announce import announce
from .registry import Registry, Room, Socket, registry
from .tokens import read_token, socket_token

__all__ = ["Registry", "Room", "Socket", "announce", "read_token", "registry", "socket_token"]
