"""Where places come from (one source a module), the tables made of them, and a gazetteer in memory."""
