"""What calls cost: the price list, and the account of a call while it goes on."""
