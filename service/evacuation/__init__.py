"""The evacuation board's rules: pure, of what is known now. They advise; people decide."""
