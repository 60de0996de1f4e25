from django.db import migrations

from residents.legal_figures import seed_figures


def seed(apps, schema_editor):
    seed_figures(apps.get_model("residents", "LegalFigure"))


class Migration(migrations.Migration):

    dependencies = [
        ('residents', '0014_making_rules'),
    ]

    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
