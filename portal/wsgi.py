"""Pages alone, for servers that know WSGI only; sockets need portal.asgi beside it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")
application = get_wsgi_application()

from residents.checks import refuse_to_start_half_configured  # noqa: E402  settings come first

refuse_to_start_half_configured()
