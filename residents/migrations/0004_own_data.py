import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('residents', '0003_figures_and_office_references'),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='编号')),
                ('about', models.CharField(choices=[('name', '姓名'), ('gender', '性别'), ('birth', '出生日期'), ('household', '哪一户、与户主关系'), ('group', '哪个小组'), ('phone', '电话'), ('residence', '户籍、是否常住'), ('left', '已经不该在名册上'), ('other', '别的')], max_length=12, verbose_name='哪一项')),
                ('wish_sealed', models.BinaryField(blank=True, default=b'', verbose_name='应该是什么（加密）')),
                ('state', models.CharField(choices=[('waiting', '等村（居）委会办理'), ('refused', '没有改'), ('withdrawn', '已撤回')], default='waiting', max_length=12, verbose_name='状态')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='答复')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='处理时间')),
            ],
            options={
                'verbose_name': '更正申请',
                'verbose_name_plural': '更正申请',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='SheetUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=32, unique=True)),
                ('name', models.CharField(max_length=255, verbose_name='文件名')),
                ('whole', models.BooleanField(default=False, verbose_name='是全村（社区）的名册')),
                ('content_sealed', models.BinaryField(verbose_name='文件（加密）')),
                ('state', models.CharField(choices=[('waiting', '排队'), ('reading', '正在读表格'), ('checking', '正在逐行检查'), ('comparing', '正在和名册比对'), ('ready', '可以看了'), ('refused', '不能导入')], default='waiting', max_length=12, verbose_name='状态')),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('stepped_at', models.DateTimeField(blank=True, null=True)),
                ('refused_code', models.CharField(blank=True, max_length=20)),
                ('refused_message', models.CharField(blank=True, max_length=200)),
                ('outcome_sealed', models.BinaryField(blank=True, default=b'', verbose_name='比对结果（加密）')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='上传时间')),
                ('expires_at', models.DateTimeField(verbose_name='保留到')),
            ],
            options={
                'verbose_name': '上传的表格',
                'verbose_name_plural': '上传的表格',
            },
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session_key', models.CharField(max_length=40, unique=True)),
                ('device', models.CharField(blank=True, max_length=60, verbose_name='设备')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='登录时间')),
            ],
            options={
                'verbose_name': '登录记录',
                'verbose_name_plural': '登录记录',
                'ordering': ('-id',),
            },
        ),
        migrations.AddField(
            model_name='correction',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办理人'),
        ),
        migrations.AddField(
            model_name='correction',
            name='proposal',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='residents.proposal', verbose_name='名册修改'),
        ),
        migrations.AddField(
            model_name='correction',
            name='resident',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='residents.resident', verbose_name='居民'),
        ),
        migrations.AddField(
            model_name='correction',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to=settings.AUTH_USER_MODEL, verbose_name='账号'),
        ),
        migrations.AddField(
            model_name='correction',
            name='village',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='residents.village', verbose_name='村（社区）'),
        ),
        migrations.AddField(
            model_name='sheetupload',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人'),
        ),
        migrations.AddField(
            model_name='sheetupload',
            name='village',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sheet_uploads', to='residents.village', verbose_name='村（社区）'),
        ),
        migrations.AddField(
            model_name='signin',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.UniqueConstraint(fields=('village', 'number'), name='one_correction_per_number'),
        ),
    ]
