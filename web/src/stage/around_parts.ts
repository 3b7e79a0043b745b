// What stands around the stage: people, hands, reactions, notifications; fetched when the first of it is wanted.

import { Group } from "../later/fetched";

export const aroundParts = new Group(() => import("../later/around"));
