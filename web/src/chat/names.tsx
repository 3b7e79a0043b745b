// Names to choose from while "@" is written: buttons in a list, reached by the arrow down or by touch.

import type { RefObject, VNode } from "preact";
import { n } from "../translation";
import type { Named } from "./state";

interface NamesProps {
  people: readonly Named[];
  list: RefObject<HTMLUListElement | null>;
  onChoose: (person: Named) => void;
  onClose: () => void;
}

export function Names({ people, list, onChoose, onClose }: NamesProps): VNode {
  function move(event: KeyboardEvent, by: number): void {
    event.preventDefault();
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const next = buttons.indexOf(document.activeElement as HTMLButtonElement) + by;
    if (next < 0) onClose();
    else buttons[Math.min(next, buttons.length - 1)]?.focus();
  }
  return (
    <>
      <p class="visually-hidden" role="status">
        {people.length > 0 &&
          n("{count} name: arrow down to choose", "{count} names: arrow down to choose", people.length)}
      </p>
      {people.length > 0 && (
        <ul
          class="chat-names"
          ref={list}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") move(event, 1);
            else if (event.key === "ArrowUp") move(event, -1);
            else if (event.key === "Escape") {
              event.stopPropagation();
              onClose();
            }
          }}
        >
          {people.map((person) => (
            <li key={person.person}>
              <button type="button" onClick={() => onChoose(person)}>
                <bdi>{person.name}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
