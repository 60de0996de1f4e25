from django.db import migrations

from consultation.topic_categories import seed_topic_categories


def seed(apps, schema_editor):
    seed_topic_categories(apps.get_model("consultation", "TopicCategory"))


class Migration(migrations.Migration):

    dependencies = [
        ('consultation', '0006_topics'),
    ]

    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
