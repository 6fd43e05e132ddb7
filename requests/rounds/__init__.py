"""The caretaker's round on a phone, offline first, and what agencies make of it."""
