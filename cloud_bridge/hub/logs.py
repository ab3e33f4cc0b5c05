"""Structured logs to standard error: for people on a terminal, JSON for machines."""

import logging
import sys

import structlog


def configure_logs(shape: str) -> None:
    """Set up structlog; `shape` is ``console``, ``json`` or ``auto`` (console on a terminal)."""
    console = sys.stderr.isatty() if shape == "auto" else shape == "console"
    renderer = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
