"""The consumer as in the tutorials: joins a group, encodes each event for itself."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from .models import tally

GROUP = "poll"


class PollConsumer(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        if not self.scope["user"].is_authenticated:
            await self.close()
            return
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send_json(await database_sync_to_async(tally)())

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def poll_tally(self, event: dict[str, Any]) -> None:
        await self.send_json(event["tally"])
