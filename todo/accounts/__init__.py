"""Accounts: what aido adds to those of Django and allauth."""
