from django.db import migrations

# Minutes that the chair alone signed, by the rule of then, keep that signature and stay signed.
KEEP = """
INSERT INTO consultation_signature (village_id, minutes_id, role, resident_id, name, digest, signed_at)
SELECT m.village_id, m.id, 'chair', m.signed_by_id, r.name, m.digest, m.signed_at
FROM consultation_minutes m JOIN residents_resident r ON r.id = m.signed_by_id
WHERE m.signed_at IS NOT NULL
"""
GIVE_BACK = """
UPDATE consultation_minutes SET signed_by_id = (
    SELECT s.resident_id FROM consultation_signature s
    WHERE s.minutes_id = consultation_minutes.id AND s.role = 'chair'
)
WHERE signed_at IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('consultation', '0014_signatures'),
        ('residents', '0009_reminders_asked'),
    ]

    operations = [migrations.RunSQL(KEEP, GIVE_BACK)]
