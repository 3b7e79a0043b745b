"""The JSON API of an event: docs/api.md; the document of it is made from `operations.OPERATIONS`."""
