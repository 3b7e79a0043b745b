// On every page; all of it can be missing. Kept under 3 kB, because it is paid for by the megabyte.

import { startClock } from "../site/clock";
import { quickenFilters, quickenStars, quickenTheme } from "../site/forms";
import { rememberZone } from "../site/zone";

rememberZone();
startClock();
quickenStars();
quickenFilters();
quickenTheme();
