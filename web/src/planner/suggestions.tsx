// What would help against a clash: moves and swaps as the server found them, best first, each done with one press.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../translation";
import type { Planner } from "./planner";
import { type Problem, SIGNS } from "./problems";
import type { Suggestion } from "./wire";

export function Suggestions({ planner, problem }: { planner: Planner; problem: Problem }): VNode {
  const [found, setFound] = useState<Suggestion[] | null>(null);
  const [asking, setAsking] = useState(false);
  const [told, setTold] = useState("");

  const ask = async (before = "") => {
    setAsking(true);
    const answer = await planner.api.read<{ suggestions: Suggestion[] }>(
      `/clashes/${encodeURIComponent(problem.id)}/suggestions`,
    );
    setAsking(false);
    if (!answer.ok) return setTold(answer.error.message || t("This was not carried out. Try again."));
    setTold(before || (answer.body.suggestions.length ? "" : t("Nothing helps without doing other harm.")));
    setFound(answer.body.suggestions);
  };
  const apply = async (suggestion: Suggestion) => {
    const { moves } = suggestion;
    if (moves.some(({ session, edition }) => planner.draft.server(session)?.edition !== edition))
      return ask(t("The programme has changed meanwhile: this would help now."));
    const codes = moves.map((move) => move.session);
    const done = await planner.run((edition) => actOf(suggestion, edition), codes);
    if (!done) return;
    planner.say(suggestion.outcome);
    if (codes[0]) planner.open(codes[0]);
  };
  if (found === null)
    return (
      <>
        <button type="button" class="link-button" disabled={asking} onClick={() => void ask()}>
          {asking ? t("Looking…") : t("What would help?")}
        </button>
        {told ? (
          <p class="small" role="alert">
            {told}
          </p>
        ) : null}
      </>
    );
  return (
    <div class="plan-offers">
      {told ? (
        <p class="small" role="status">
          {told}
        </p>
      ) : null}
      <ol class="plan-items">
        {found.map((one) => (
          <li key={one.text} class="plan-offer">
            <p>{one.text}</p>
            <p class="soft small">{one.outcome}</p>
            {one.new.map((other) => (
              <p key={other.id} class="plan-clash" data-severity={other.severity}>
                <span aria-hidden="true">{SIGNS[other.severity]} </span>
                <span>{other.text}</span>
              </p>
            ))}
            <button type="button" class="button button-small" onClick={() => void apply(one)}>
              {t("Do it")}
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** A suggestion as the act it is. */
function actOf({ act, moves }: Suggestion, edition: (code: string) => number): Record<string, unknown> {
  const [one, other] = moves;
  if (!one) return {};
  const { session, room, starts_at, minutes } = one;
  if (act === "swap" && other)
    return {
      act: "swap",
      one: session,
      one_edition: edition(session),
      other: other.session,
      other_edition: edition(other.session),
    };
  const named = { session, edition: edition(session) };
  if (act === "shorten") return { act: "resize", ...named, minutes };
  return { act: "place", ...named, starts_at, ...(room === null ? {} : { room }) };
}
