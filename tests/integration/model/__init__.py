"""The third step of understanding against an emulated model, over loopback."""
