"""The whole public programme as a folder of pages that needs no server."""
