"""Place sources, one a file, and the tables built from them."""
