// On the pages of a programme that may change while somebody looks.

import { followProgramme } from "../site/programme";

followProgramme();
