from django.db import migrations, models


def fill_in(apps, schema_editor):
    """Of results that stand already: answers are ballots but where one may pick several, where the marks tell."""
    Decision, Mark = apps.get_model("consultation", "Decision"), apps.get_model("consultation", "Mark")
    Sheet = apps.get_model("consultation", "Sheet")
    for one in Decision.objects.filter(cast=0).select_related("motion").iterator(chunk_size=200):
        one.cast = sum(one.counts.values())
        if one.motion.kind == "multi_choice":
            sheets = Sheet.objects.filter(motion=one.motion, state="confirmed")
            counted = sheets.aggregate(number=models.Sum(models.F("abstain_count") + models.F("valid_count")))
            one.cast = Mark.objects.filter(motion=one.motion, paper=False).count() + (counted["number"] or 0)
        one.save(update_fields=["cast"])


class Migration(migrations.Migration):

    dependencies = [
        ("consultation", "0029_missing_signature"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="cast",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="投了多少票"),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
    ]
