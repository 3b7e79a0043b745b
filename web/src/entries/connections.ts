// The organizers' page of connections shows how things are without being asked.

import { keepFresh } from "../site/fresh";

keepFresh();
