"""The local cloud: an emulator of AWS on this machine, and the application deployed into it."""
