"""Majlis: a self-hosted virtual conference platform for medical education."""

__version__ = "0.1.0"
