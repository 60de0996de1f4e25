"""Chain the entries that were written before there was a chain, a thousand at a time."""

from django.db import migrations, transaction

from audit.hashing import FIRST, chain_of, entry_hash

BATCH = 1000


def chain_existing(apps, schema_editor):
    """In the order they were written. May be stopped and started again; what acts write meanwhile is taken along."""
    alias = schema_editor.connection.alias
    entries = apps.get_model("audit", "AuditEntry").objects.using(alias)
    links = apps.get_model("audit", "AuditLink").objects.using(alias)
    ends = {}
    reached = 0
    while True:
        last = _chain_some(alias, entries, links, ends, after=reached)
        if not last and not reached:
            return
        reached = last  # when none is left, once more from the beginning: an act may have committed behind us


def _chain_some(alias, entries, links, ends, *, after):
    with transaction.atomic(using=alias):
        batch = list(entries.filter(link__isnull=True, pk__gt=after).order_by("pk")[:BATCH])
        new = []
        for entry in batch:
            chain = chain_of(entry)
            if chain not in ends:
                last = links.filter(chain=chain).order_by("-number").first()
                ends[chain] = (last.number, last.hash) if last else (0, FIRST)
            number, previous = ends[chain]
            digest = entry_hash(entry, number=number + 1, previous=previous)
            new.append(links.model(entry_id=entry.pk, chain=chain, number=number + 1, previous=previous, hash=digest))
            ends[chain] = (number + 1, digest)
        links.bulk_create(new, batch_size=BATCH)
        return batch[-1].pk if batch else 0


class Migration(migrations.Migration):
    atomic = False  # each batch by itself: a long log does not hold up a running site

    dependencies = [("audit", "0002_chain")]

    operations = [migrations.RunPython(chain_existing, migrations.RunPython.noop, elidable=False)]
