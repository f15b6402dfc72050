"""The evacuation board over HTTP."""
