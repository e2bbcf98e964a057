"""The emulators against the official plugins, which know the wire better than we do, and the vendors' schemas."""
