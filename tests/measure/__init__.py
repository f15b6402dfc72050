"""Commands that print the figures which the project quotes: `python -m tests.measure.NAME`."""
