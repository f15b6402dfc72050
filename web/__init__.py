"""What is shown: templates, static files and the offline situation report."""
