import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

RETURNED = F("for_count") + F("against_count") + F("abstain_count") + F("blank_count") + F("invalid_count")


class Migration(migrations.Migration):
    dependencies = [("consultation", "0003_ballots_to_trust")]

    operations = [
        migrations.AddField(
            model_name="paperissue",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="consultation.meetingsession",
            ),
        ),
        migrations.AlterField(
            model_name="motion",
            name="method",
            field=models.CharField(
                choices=[
                    ("online", "手机"),
                    ("hands", "举手"),
                    ("hands_and_online", "手机和举手"),
                    ("paper", "纸票"),
                    ("paper_and_online", "手机和纸票"),
                    ("belenios", "Belenios 投票"),
                    ("none", "不表决"),
                ],
                default="hands_and_online",
                max_length=20,
                verbose_name="表决方式",
            ),
        ),
        migrations.AddConstraint(
            model_name="sheet",
            constraint=models.CheckConstraint(
                condition=~Q(state="confirmed", method="belenios")
                | Q(returned_count=RETURNED) & Q(base_count__gte=F("returned_count"), not_returned_count=0),
                name="elsewhere_within_base",
            ),
        ),
    ]
