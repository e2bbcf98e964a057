"""The emulators' own rules, without sockets."""
