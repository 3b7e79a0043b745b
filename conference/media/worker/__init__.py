"""Rooms in processes of their own.

    server ── Unix socket ── worker 0   one loop, one media port, whole rooms, `LocalEngine`
           └─ Unix socket ── worker 1
    supervisor ── the same sockets      starts workers, ends hung ones, starts dead ones again

`engine.WorkerEngine` implements `media.engine.Engine` for the server by placing each room on one worker. A
worker outlives the server: a new one finds it by its socket and takes over its rooms (docs/media.md).
"""
