"""The web application for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from config.startup import refuse_dangerous_production, start_services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
start_services()
refuse_dangerous_production()
