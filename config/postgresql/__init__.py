"""Django's PostgreSQL back end, plus starting the embedded server when it is the one in use."""
