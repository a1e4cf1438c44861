"""The modules behind the routes of `app.py`: all that is shipped besides it."""
