// On an event's pages on its days, for those who are signed in: the bell's number, and a line for what is new.

import { followNotices } from "../notices/pages";

followNotices();
