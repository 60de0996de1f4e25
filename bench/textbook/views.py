"""The vote as in the tutorials: create, count, tell the group."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from .consumers import GROUP
from .models import Vote, tally


def board(request: HttpRequest) -> JsonResponse:
    return JsonResponse(tally())


@require_POST
@login_required
def vote(request: HttpRequest) -> JsonResponse:
    Vote.objects.create(user=request.user, choice=request.POST["choice"])
    event = {"type": "poll.tally", "tally": tally()}
    async_to_sync(get_channel_layer().group_send)(GROUP, event)
    return JsonResponse({"ok": True})
