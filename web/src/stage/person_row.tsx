// One person in a list, with what can be done about them.

import type { ComponentChildren, VNode } from "preact";
import { locale, t } from "../translation";
import { type Connection, connectionWords } from "./connection_words";
import { Icon } from "./icons";
import { type Person, sends } from "./room_state";
import { roleName, Said } from "./words";

interface GroupProps {
  title: string;
  count: number;
  empty?: string;
  /** What can be done with all of them. */
  acts?: ComponentChildren;
  children: ComponentChildren;
}

export function Group({ title, count, empty, acts, children }: GroupProps): VNode {
  return (
    <section class="people-group">
      <div class="people-head">
        <h2>
          {title} {count > 0 && <span class="people-count numbers">{count}</span>}
        </h2>
        {acts}
      </div>
      {count === 0 ? <p class="soft">{empty}</p> : <ul class="people-list">{children}</ul>}
    </section>
  );
}

interface RowProps {
  person: Person;
  connection?: Connection | undefined;
  onMore?: () => void;
  children?: ComponentChildren;
}

export function PersonRow({ person, connection, onMore, children }: RowProps): VNode {
  const about = [
    person.isMe ? t("you") : "",
    person.role === "attendee" ? "" : roleName(person.role),
    person.country && countryName(person.country),
    person.away && person.state !== "removed" ? t("connection lost") : "",
  ];
  return (
    <li class="people-row" data-person={person.id}>
      <div class="people-who">
        <span class="people-name">
          <bdi>{person.name}</bdi>
        </span>
        <span class="people-about">{about.filter(Boolean).join(" · ")}</span>
        {connection && (
          <span class={connection.state === "good" ? "people-link" : "people-link people-weak"}>
            {connectionWords(connection)}
          </span>
        )}
      </div>
      {person.state === "on-stage" && !person.away && (
        <span class="people-sound">
          <Icon name={sends(person, "microphone") ? "microphone" : "microphone-off"} />
          <span class="visually-hidden">
            {sends(person, "microphone") ? t("microphone on") : t("microphone off")}
          </span>
        </span>
      )}
      {children}
      {onMore && (
        <button type="button" class="icon-button" onClick={onMore}>
          <Icon name="more" />
          <span class="visually-hidden">
            <Said text={t("Actions for {name}")} name={person.name} />
          </span>
        </button>
      )}
    </li>
  );
}

const regions = "DisplayNames" in Intl ? new Intl.DisplayNames(locale, { type: "region" }) : null;

/** ISO 3166-1 alpha-2 in the reader's language. */
export function countryName(code: string): string {
  try {
    return regions?.of(code) ?? code;
  } catch {
    return code;
  }
}
