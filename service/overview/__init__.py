"""The situation in columns: what is filtered, counted and clustered for a map of very many incidents."""
