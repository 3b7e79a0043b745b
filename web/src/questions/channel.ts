// What the questions need of the live channel: the room's socket, or the session's page without one.

import type { LiveClient } from "../live/client";

export type Channel = Pick<
  LiveClient,
  "state" | "send" | "keep" | "unsent" | "on" | "onSnapshot" | "onChange" | "onRefused"
> & { readonly options: { readonly session?: string | undefined; readonly account: string } };
