// The desk's acts, for every question of its lists.

import { createContext } from "preact";
import type { DeskActs } from "./desk_acts";

export const Acts = createContext<DeskActs>(null as unknown as DeskActs);
