from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consultation', '0031_petition_notices'),
        ('residents', '0012_void_signature'),
    ]

    operations = [
        migrations.AlterField(
            model_name='motion',
            name='kind',
            field=models.CharField(choices=[('yes_no', '赞成、反对、弃权'), ('choice', '选一个方案'), ('multi_choice', '选几个方案'), ('ranked', '给方案排先后'), ('opinion', '意见')], default='yes_no', max_length=12, verbose_name='类别'),
        ),
        migrations.AddConstraint(
            model_name='motion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'ranked'), _negated=True), ('method__in', ['online', 'paper', 'paper_and_online']), _connector='OR'), name='a_ranking_is_written'),
        ),
    ]
