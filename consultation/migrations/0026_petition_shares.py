from django.db import migrations

from consultation.presets import fill_in_petitions


def fill_in(apps, schema_editor):
    fill_in_petitions(apps.get_model("consultation", "ProcedurePreset"))


class Migration(migrations.Migration):

    dependencies = [
        ('consultation', '0025_petitions'),
    ]

    operations = [
        migrations.RunPython(fill_in, migrations.RunPython.noop),
    ]
