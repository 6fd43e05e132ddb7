"""The API for the landlord's other tools. It reads through the same scopes as the pages."""
