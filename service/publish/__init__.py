"""Incidents to bytes: one format a file, pure and deterministic."""
