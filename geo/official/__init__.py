"""Files of public bodies, read exactly as they are published, into places, house numbers and areas."""
