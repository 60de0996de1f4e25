from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('consultation', '0015_signed_before'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='minutes',
            name='signed_by',
        ),
    ]
