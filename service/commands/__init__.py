"""What the commands of `hansho` do, one a file; service/cli.py only parses their arguments."""
