"""The `voicefleet kb` commands: what a business's knowledge base holds, answers and does not answer."""
