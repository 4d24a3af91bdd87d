"""The web application for an ASGI server."""

import os

from django.core.asgi import get_asgi_application

from config.startup import refuse_dangerous_production, start_services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_asgi_application()
start_services()
refuse_dangerous_production()
