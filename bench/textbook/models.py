"""One poll, one row per vote."""

from django.conf import settings
from django.db import models


class Vote(models.Model):
    """What one user chose."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
    choice = models.CharField(max_length=12)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.choice}"


CHOICES = ("for", "against", "abstain")


def tally() -> dict[str, object]:
    """The state as every screen shows it, with the portal's fields."""
    return {
        "type": "tally",
        "motion": 1,
        "cast": Vote.objects.count(),
        "counts": {choice: Vote.objects.filter(choice=choice).count() for choice in CHOICES},
    }
