"""Text to Reading; no database, no network, no web."""
