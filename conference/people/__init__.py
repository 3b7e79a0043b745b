"""Accounts, sign-in, sessions, roles and what they allow, registration, invitations, the outbox."""
