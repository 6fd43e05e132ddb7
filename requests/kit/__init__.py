"""Vocabularies, form fields and the PDF renderer that every slice may use."""
