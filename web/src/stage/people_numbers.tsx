// How many are here, by role and by shared country.

import type { VNode } from "preact";
import { n, t } from "../translation";
import { countryName } from "./person_row";
import type { PeopleListed, Role } from "./wire";

export function PeopleNumbers({ here, listed }: { here: number; listed: PeopleListed }): VNode {
  const roles = (["chair", "moderator", "speaker", "organizer", "attendee"] as const).filter(
    (role) => (listed.roles[role] ?? 0) > 0,
  );
  const countries = Object.entries(listed.countries);
  return (
    <section class="people-numbers">
      <p>
        {n("{count} person is here.", "{count} people are here.", here)}{" "}
        {listed.only_counts && t("In a room this full the audience is not listed by name.")}
      </p>
      {roles.length > 1 && (
        <ul class="people-counts">
          {roles.map((role) => (
            <li key={role}>{roleCount(role, listed.roles[role] ?? 0)}</li>
          ))}
        </ul>
      )}
      {countries.length > 0 && (
        <details class="fold">
          <summary>
            {n("From {count} country, as shared", "From {count} countries, as shared", countries.length)}
          </summary>
          <ul class="people-counts">
            {countries.map(([code, count]) => (
              <li key={code}>
                <bdi>{countryName(code)}</bdi> <span class="numbers">{count}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function roleCount(role: Role, count: number): string {
  switch (role) {
    case "chair":
      return n("{count} chair", "{count} chairs", count);
    case "moderator":
      return n("{count} moderator", "{count} moderators", count);
    case "speaker":
      return n("{count} speaker", "{count} speakers", count);
    case "organizer":
      return n("{count} organizer", "{count} organizers", count);
    default:
      return n("{count} attendee", "{count} attendees", count);
  }
}
