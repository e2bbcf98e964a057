"""The telephone side of LiveKit: trunks, dispatch rules, numbers, rooms and dispatches.

Every LiveKit server API call of ours goes through here, under a deadline, with its errors translated.
"""
