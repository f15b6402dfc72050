"""Stand-ins for platforms, for drills and tests: they speak the real protocol on this machine alone."""
