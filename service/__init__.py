"""The running service: collects, stores, fuses and publishes; the only package that knows the others."""
