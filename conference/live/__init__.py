"""The live channel: a durable log per room and its delivery. Knows no domain."""
