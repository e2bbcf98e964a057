"""The simulated callers of the evaluation on the telephone: real SIP, a voice to speak with, an ear to hear with."""
