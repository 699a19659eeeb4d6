"""`python -m course_api`: the service under uvicorn."""

import uvicorn

from .app import app, settings

uvicorn.run(app, host="127.0.0.1", port=settings.port, log_level="warning", access_log=False)
