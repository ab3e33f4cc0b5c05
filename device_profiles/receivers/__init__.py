"""The message formats of other radios that report what they heard. Pure; one file per format."""
