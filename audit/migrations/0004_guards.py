"""From here on the database itself refuses to change or delete what is in the log."""

from django.db import migrations

from audit import guards


def put_up(apps, schema_editor):
    guards.put_up(schema_editor.connection)


def take_down(apps, schema_editor):
    guards.take_down(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_chain_existing")]

    operations = [migrations.RunPython(put_up, take_down)]
