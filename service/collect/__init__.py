"""Channels: one a file; verify, clean, hand over."""
