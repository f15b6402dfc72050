"""HTTP, thin: no SQL, no decisions."""
