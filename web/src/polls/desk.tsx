// The desk: every poll of the session with what can be done to it now, and a form for a new one.

import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { Confirm } from "../stage/dialogs";
import { n, t } from "../translation";
import { Answering } from "./answering";
import { Results } from "./bars";
import type { PollBoard } from "./board";
import { TextGroups } from "./groups";
import { kindWords, stageWords } from "./kinds";
import { PollForm } from "./making";
import { Named } from "./named";
import type { FiledPoll } from "./wire";

export function PollDesk({ board }: { board: PollBoard }): VNode {
  const [writing, setWriting] = useState<"new" | string | null>(null);
  const polls = board.filed();
  return (
    <div class="polls">
      {board.trouble && (
        <p class="notice notice-danger" role="alert">
          {board.trouble}
        </p>
      )}
      {writing === "new" ? (
        <PollForm board={board} onClose={() => setWriting(null)} />
      ) : (
        <button type="button" class="button polls-new" onClick={() => setWriting("new")}>
          {t("New poll")}
        </button>
      )}
      {polls.length === 0 && writing !== "new" && (
        <p class="empty">{t("No poll yet. Prepare one, or open one on the spot.")}</p>
      )}
      {polls.map((poll, at) =>
        writing === poll.id ? (
          <PollForm key={poll.id} board={board} poll={poll} onClose={() => setWriting(null)} />
        ) : (
          <DeskCard
            key={poll.id}
            board={board}
            poll={poll}
            above={polls[at - 1]?.id ?? null}
            below={at === polls.length - 1 ? null : (polls[at + 2]?.id ?? "")}
            onEdit={() => setWriting(poll.id)}
          />
        ),
      )}
      <p class="poll-empty">
        <a href={location.pathname.replace(/\/room$/, "/polls")} target="_blank" rel="noopener">
          {t("All polls and their files, in a new tab")}
        </a>
      </p>
    </div>
  );
}

interface DeskCardProps {
  board: PollBoard;
  poll: FiledPoll;
  /** The poll before this one; null at the top. */
  above: string | null;
  /** The one after the next ("": the end); null at the end. */
  below: string | null;
  onEdit: () => void;
}

function DeskCard({ board, poll, above, below, onEdit }: DeskCardProps): VNode {
  const [deleting, setDeleting] = useState(false);
  const act = (type: string, more: Record<string, unknown> = {}) =>
    void board.act(type, { poll: poll.id, ...more });
  const draft = poll.stage === "draft";
  const open = poll.stage === "open" || poll.stage === "open-shown";
  const resultsShown = poll.stage === "open-shown" || poll.stage === "closed-shown";
  const answered = poll.answered ?? 0;
  const shown = board.news.shown.get(poll.id);
  return (
    <article class="poll poll-desk" aria-labelledby={`poll-${poll.id}`}>
      <p class="poll-line">
        <span class={open ? "badge badge-live" : "badge"}>{stageWords(poll.stage)}</span>
        <span>{kindWords(poll.kind)}</span>
        <span>{poll.anonymous ? t("without names") : t("with names")}</span>
      </p>
      <h2 class="poll-question" id={`poll-${poll.id}`}>
        <bdi>{poll.question}</bdi>
      </h2>
      <div class="poll-acts">
        {!open && (
          <Act soft onClick={() => act("OpenPoll")}>
            {draft ? t("Open the poll") : t("Open again")}
          </Act>
        )}
        {open && (
          <Act soft onClick={() => act("ClosePoll")}>
            {t("Close")}
          </Act>
        )}
        {!draft && !resultsShown && <Act onClick={() => act("ShowResults")}>{t("Show the results")}</Act>}
        {!draft && resultsShown && <Act onClick={() => act("HideResults")}>{t("Hide the results")}</Act>}
        {open && answered === 0 && <Act onClick={() => act("WithdrawPoll")}>{t("Take back")}</Act>}
        {draft && <Act onClick={onEdit}>{t("Edit")}</Act>}
        <Act onClick={() => act("CopyPoll")}>{t("Copy")}</Act>
        {above !== null && <Act onClick={() => act("MovePoll", { before: above })}>{t("Up")}</Act>}
        {below !== null && <Act onClick={() => act("MovePoll", { before: below || null })}>{t("Down")}</Act>}
        {draft && <Act onClick={() => setDeleting(true)}>{t("Delete…")}</Act>}
      </div>
      {draft ? (
        <Preview poll={poll} />
      ) : (
        <Results poll={{ ...poll, right: poll.right ?? [] }} tally={poll.tally ?? {}} />
      )}
      {!draft && poll.kind === "text" && <TextGroups board={board} poll={poll} />}
      {!draft && !poll.anonymous && answered > 0 && <Named board={board} poll={poll} />}
      {open && shown && (
        <details class="poll-own">
          <summary>{t("Answer it yourself")}</summary>
          <Answering board={board} poll={shown} mine={board.mine(shown)} />
        </details>
      )}
      {deleting && (
        <Confirm
          title={t("Delete this draft?")}
          text={<bdi>{poll.question}</bdi>}
          confirm={t("Delete")}
          onConfirm={() => act("DeletePoll")}
          onClose={() => setDeleting(false)}
        />
      )}
    </article>
  );
}

interface ActProps {
  soft?: boolean;
  onClick: () => void;
  children: ComponentChildren;
}

function Act({ soft = false, onClick, children }: ActProps): VNode {
  return (
    <button type="button" class={soft ? "button button-small button-soft" : "link-button"} onClick={onClick}>
      {children}
    </button>
  );
}

/** What a draft offers, with the right answer of a quiz marked. */
function Preview({ poll }: { poll: FiledPoll }): VNode | null {
  if (poll.points) {
    const ends = [poll.low, poll.high].filter(Boolean).join(" – ");
    return (
      <p class="poll-empty">
        {n("{count} step", "{count} steps", poll.points)} {ends && <bdi>({ends})</bdi>}
      </p>
    );
  }
  if (!poll.options) return null;
  return (
    <ul class="poll-preview">
      {poll.options.map(({ id, text }) => (
        <li key={id}>
          <bdi dir="auto">{text}</bdi>{" "}
          {poll.right?.includes(id) && <span class="poll-mark">✓ {t("right")}</span>}
        </li>
      ))}
    </ul>
  );
}
