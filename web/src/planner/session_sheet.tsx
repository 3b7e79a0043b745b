// The chosen session: its facts, quick edits, and the way to everything else about it.

import type { VNode } from "preact";
import { useCell } from "../stage/cell";
import { t } from "../translation";
import { severityWord, speakersOf, trackOf } from "./blocks";
import { CopyForm } from "./copy_form";
import { isCancelled, isScheduled, type Session } from "./draft";
import { MergeForm } from "./merge_form";
import { PlaceForm } from "./place_form";
import type { Planner } from "./planner";
import { SIGNS } from "./problems";
import { inLanguage, isolated, titleOf } from "./said";
import { SplitForm } from "./split_form";
import { Suggestions } from "./suggestions";
import { SwapForm } from "./swap_form";
import { TitleForm } from "./title_form";

export function SessionSheet({ planner, code }: { planner: Planner; code: string }): VNode | null {
  useCell(planner.version);
  const session = planner.draft.get(code);
  if (!session) return null;
  return (
    <div class="plan-sheet-in" key={code}>
      <Facts planner={planner} session={session} />
      {isCancelled(session) ? null : <PlaceForm planner={planner} session={session} key={`place-${code}`} />}
      <details class="plan-more">
        <summary>{t("Change the title")}</summary>
        <TitleForm planner={planner} session={session} key={`title-${code}`} />
      </details>
      {isScheduled(session) && !isCancelled(session) ? (
        <details class="plan-more">
          <summary>{t("Swap with another session")}</summary>
          <SwapForm planner={planner} session={session} />
        </details>
      ) : null}
      <details class="plan-more">
        <summary>{t("Copy, split, merge")}</summary>
        <Dividing planner={planner} session={session} key={`divide-${code}`} />
      </details>
      <div class="plan-acts">
        {session.start !== null && !isCancelled(session) ? (
          <button
            type="button"
            class="button button-quiet button-small"
            onClick={() => planner.unschedule(code)}
          >
            {t("Take off the schedule")}
          </button>
        ) : null}
        <CancelButton planner={planner} session={session} />
        <DeleteButton planner={planner} session={session} />
        <a class="button button-quiet button-small" href={planner.page.session_url + code}>
          {t("Edit everything")}
        </a>
      </div>
    </div>
  );
}

function Facts({ planner, session }: { planner: Planner; session: Session }): VNode {
  const { tracks, types } = useCell(planner.frame);
  const problems = useCell(planner.clashes.problems).filter((one) => one.sessions.includes(session.code));
  const track = trackOf(tracks, session);
  const type = types.find((one) => one.slug === session.type);
  const facts = [speakersOf(session), track && inLanguage(track.name), type && inLanguage(type.name)];
  return (
    <div class="plan-facts">
      {facts.filter(Boolean).map((fact) => (
        <p key={fact} dir="auto" class="soft small">
          {fact}
        </p>
      ))}
      {isCancelled(session) ? <p class="badge">{t("cancelled")}</p> : null}
      {problems.map((problem) => (
        <div key={problem.id} class="plan-clash" data-severity={problem.severity}>
          <b class="plan-clash-word">
            <span aria-hidden="true">{SIGNS[problem.severity]} </span>
            {severityWord(problem.severity)}
          </b>{" "}
          <span>{problem.text}</span> <Suggestions planner={planner} problem={problem} />
        </div>
      ))}
    </div>
  );
}

function Dividing({ planner, session }: { planner: Planner; session: Session }): VNode {
  return (
    <>
      <CopyForm planner={planner} session={session} />
      {isCancelled(session) ? null : (
        <>
          <h3>{t("Split")}</h3>
          <SplitForm planner={planner} session={session} />
          <h3>{t("Merge")}</h3>
          <MergeForm planner={planner} session={session} />
        </>
      )}
    </>
  );
}

/** What was released, or what people have to do with, is refused by the server in words, and can be cancelled. */
function DeleteButton({ planner, session }: { planner: Planner; session: Session }): VNode {
  const { code } = session;
  const remove = async () => {
    const done = await planner.run(
      (edition) => ({ act: "delete", session: code, edition: edition(code) }),
      [code],
    );
    if (!done) return;
    planner.chosen.set(null);
    planner.say(t("{title} is deleted. Undo brings it back.", { title: isolated(titleOf(session)) }));
  };
  return (
    <button type="button" class="button button-quiet button-small" onClick={() => void remove()}>
      {t("Delete")}
    </button>
  );
}

function CancelButton({ planner, session }: { planner: Planner; session: Session }): VNode {
  const { code } = session;
  const cancelled = isCancelled(session);
  return (
    <button
      type="button"
      class={`button button-small ${cancelled ? "button-quiet" : "button-danger"}`}
      onClick={() => {
        const act = cancelled ? "restore" : "cancel";
        const title = titleOf(session);
        void planner
          .run((edition) => ({ act, session: code, edition: edition(code) }), [code])
          .then((done) => {
            if (done)
              planner.say(cancelled ? t("{title} restored.", { title }) : t("{title} cancelled.", { title }));
          });
      }}
    >
      {cancelled ? t("Restore the session") : t("Cancel the session")}
    </button>
  );
}
