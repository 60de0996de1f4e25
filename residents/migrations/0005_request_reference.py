"""What stands in the addresses of claim requests."""

from django.db import migrations, models

import residents.models.references


class Migration(migrations.Migration):
    dependencies = [("residents", "0004_own_data")]

    operations = [
        migrations.AddField(
            model_name="claimrequest",
            name="ref",
            field=models.CharField(
                db_default=residents.models.references.RandomReference(), editable=False, max_length=12
            ),
        ),
        migrations.AddConstraint(
            model_name="claimrequest",
            constraint=models.UniqueConstraint(fields=("village", "ref"), name="one_request_per_reference"),
        ),
    ]
