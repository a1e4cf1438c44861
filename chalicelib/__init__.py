"""The items API behind its routes: what `app.py` calls, and nothing that only development needs."""
