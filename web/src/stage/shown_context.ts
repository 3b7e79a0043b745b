// Where tiles say that they are on the screen: `ShownTiles` of the visit they belong to.

import { createContext } from "preact";
import type { ShownTiles } from "./shown_tiles";

export const Shown = createContext<ShownTiles | null>(null);
