"""SQL of the evacuation board."""
