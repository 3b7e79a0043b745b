// At the door: what one will get, and what it costs. Whoever pays by the megabyte decides before the first of them.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { QualityChoice } from "./quality_choice";
import { rememberChoice, rememberedChoice } from "./tab_media";

export function DataChoice(): VNode {
  const [chosen, choose] = useState(rememberedChoice());
  return (
    <div class="door-data">
      <QualityChoice
        chosen={chosen}
        choose={(choice) => {
          rememberChoice(choice);
          choose(choice);
        }}
      />
    </div>
  );
}
