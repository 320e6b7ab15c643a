"""The smallest room that Django Channels can be: what is said is stored, then told to everybody.

No accounts, no limits, no presence: whatever the benchmarked server does beyond this counts against it.
"""

import json
import os
import time

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"],
                           "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL;"}}},
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels_redis.core.RedisChannelLayer",
                                "CONFIG": {"hosts": [os.environ["REDIS_URL"]], "capacity": 10000}}},
    ALLOWED_HOSTS=["*"],
)
django.setup()

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.db import connection, models  # noqa: E402

ROOM = "global"


class Message(models.Model):
    client_id = models.CharField(max_length=64, unique=True)
    content = models.TextField()
    created_at = models.BigIntegerField()

    class Meta:
        app_label = "room"


with connection.schema_editor() as tables:
    tables.create_model(Message)


@database_sync_to_async
def store(said):
    return Message.objects.create(client_id=said["client_id"], content=said["content"],
                                  created_at=int(time.time() * 1000))


class Room(AsyncJsonWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add(ROOM, self.channel_name)
        await self.accept()

    async def disconnect(self, _code):
        await self.channel_layer.group_discard(ROOM, self.channel_name)

    async def receive_json(self, said):
        stored = await store(said)
        message = {"id": stored.id, "client_id": stored.client_id, "content": stored.content,
                   "created_at": stored.created_at}
        await self.channel_layer.group_send(ROOM, {"type": "tell", "message": message})

    async def tell(self, event):
        await self.send_json({"type": "new_message", "message": event["message"]})

    @classmethod
    async def encode_json(cls, content):
        return json.dumps(content, separators=(",", ":"))


application = ProtocolTypeRouter({"websocket": Room.as_asgi()})
