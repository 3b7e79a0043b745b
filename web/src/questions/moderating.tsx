// What moderators do with a question, in its place: nothing opens over the room.

import type { VNode } from "preact";
import { useContext, useState } from "preact/hooks";
import { t } from "../translation";
import { Assigning } from "./assigning";
import type { QuestionBoard } from "./board";
import { Acts } from "./desk_context";
import { Merging, Proposals } from "./merging";
import { Particulars } from "./particulars";
import type { Filed, Question } from "./state";
import { Tagging } from "./tagging";
import { OnItsWay, Writing } from "./writing";

type Open = "answer" | "decline" | "edit" | "merge" | "tags" | "assign" | "block" | null;

interface Props {
  board: QuestionBoard;
  question: Question;
}

/** `done`: it has left this list, and only its way back is of use. */
export function Moderating({ board, question, done }: Props & { done: boolean }): VNode | null {
  const [open, setOpen] = useState<Open>(null);
  const filed = board.known.filed.get(question.id);
  const close = () => setOpen(null);
  if (!filed) return null;
  if (done) return <WayBack question={question} />;
  return (
    <>
      <Particulars board={board} filed={filed} />
      {open === null ? (
        <>
          <Proposals board={board} question={question} />
          <Row board={board} question={question} filed={filed} onOpen={setOpen} />
        </>
      ) : (
        <Opened board={board} question={question} filed={filed} open={open} onClose={close} />
      )}
    </>
  );
}

const outcomes: Partial<Record<Question["state"], () => string>> = {
  waiting: () => t("Waiting again"),
  approved: () => t("Shown"),
  answered: () => t("Answered"),
  declined: () => t("Declined"),
  hidden: () => t("Hidden"),
  merged: () => t("Put together with another"),
};

function WayBack({ question: { id, state, undoable, version } }: { question: Question }): VNode {
  const desk = useContext(Acts);
  return (
    <div class="question-acts">
      <span class="badge">{outcomes[state]?.()}</span>
      {undoable && (
        <button
          type="button"
          class="link-button"
          aria-describedby={`question-text-${id}`}
          onClick={() => void desk.act("UndoModeration", { question: id, version })}
        >
          {t("Undo")}
        </button>
      )}
    </div>
  );
}

interface RowProps extends Props {
  filed: Filed;
  onOpen: (open: Open) => void;
}

/** At most three acts a state wants most, and the rest behind one button. */
function Row({ board, question, filed, onOpen }: RowProps): VNode {
  const desk = useContext(Acts);
  const [busy, setBusy] = useState(false);
  const [more, setMore] = useState(false);
  const { id, state } = question;
  const { next } = board.known;
  const visible = state === "approved" || state === "answered";
  async function act(type: string, body: Record<string, unknown> = {}): Promise<void> {
    if (busy) return;
    setBusy(true);
    await desk.act(type, { question: id, ...body });
    setBusy(false);
    keepFocus(id);
  }
  const button = (words: string, run: () => void, main = false) => (
    <button
      type="button"
      class={main ? "button button-small button-soft" : "link-button"}
      aria-disabled={busy}
      aria-describedby={`question-text-${id}`}
      onClick={run}
    >
      {words}
    </button>
  );
  const lined = next.includes(id);
  return (
    <div class="question-acts">
      {state === "waiting" && button(t("Approve"), () => void act("ApproveQuestion"), true)}
      {(state === "declined" || state === "hidden") &&
        button(
          state === "hidden" ? t("Show again") : t("Approve after all"),
          () => void act("ApproveQuestion"),
          true,
        )}
      {state === "approved" && (
        <>
          {question.now
            ? button(t("Answered live"), () => void act("AnswerQuestion"), true)
            : button(t("Answering this now"), () => void act("AnswerNow", { on: true }), true)}
          {button(
            lined ? t("Out of the line") : t("Ask next"),
            () => void act("LineUpQuestion", { place: lined ? null : next.length }),
          )}
        </>
      )}
      {state === "waiting" && button(t("Decline…"), () => onOpen("decline"))}
      {question.undoable &&
        state !== "waiting" &&
        button(t("Undo"), () => void act("UndoModeration", { version: question.version }))}
      {state !== "merged" && (
        <button type="button" class="link-button" aria-expanded={more} onClick={() => setMore(!more)}>
          {more ? t("Fewer") : t("More…")}
        </button>
      )}
      {busy && <OnItsWay />}
      {more && (
        <div class="question-more">
          {state === "waiting" &&
            question.undoable &&
            button(t("Undo"), () => void act("UndoModeration", { version: question.version }))}
          {button(t("Edit…"), () => onOpen("edit"))}
          {state === "approved" &&
            !question.now &&
            button(t("Answered live"), () => void act("AnswerQuestion"))}
          {question.now && button(t("Not answering it now"), () => void act("AnswerNow", { on: false }))}
          {state !== "declined" &&
            state !== "hidden" &&
            button(question.answer ? t("Change the answer…") : t("Answer in writing…"), () =>
              onOpen("answer"),
            )}
          {visible &&
            button(
              question.pinned ? t("Unpin") : t("Pin"),
              () => void act("PinQuestion", { pinned: !question.pinned }),
            )}
          {state !== "answered" && button(t("Put together with another…"), () => onOpen("merge"))}
          {button(t("Tags…"), () => onOpen("tags"))}
          {board.known.panel.length > 0 && button(t("Assign…"), () => onOpen("assign"))}
          {visible && button(t("Hide"), () => void act("HideQuestion"))}
          {visible && button(t("Take down…"), () => onOpen("decline"))}
          {filed.person && !question.mine && button(t("Block…"), () => onOpen("block"))}
        </div>
      )}
    </div>
  );
}

/** The button that was pressed may be gone: whoever works by keyboard goes on from the same question. */
function keepFocus(id: string): void {
  requestAnimationFrame(() => {
    if (document.activeElement && document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`#question-${id} button`)?.focus();
  });
}

interface OpenedProps extends Props {
  filed: Filed;
  open: Open;
  onClose: () => void;
}

function Opened({ board, question, filed, open, onClose }: OpenedProps): VNode | null {
  const desk = useContext(Acts);
  const { id } = question;
  const act = (type: string, body: Record<string, unknown>) => desk.act(type, { question: id, ...body });
  switch (open) {
    case "answer":
      return (
        <Writing
          label={t("Written answer")}
          button={t("Publish the answer")}
          draft={`majlis-answer ${id}`}
          before={question.answer}
          needed
          onClose={onClose}
          onSend={(text) => act("AnswerQuestion", { text })}
        />
      );
    case "decline":
      return (
        <Writing
          label={t("Why? Only the person who asked will read it.")}
          button={t("Decline")}
          draft={`majlis-decline ${id}`}
          before=""
          ready={[
            t("Please ask again without a patient’s details."),
            t("This was answered already."),
            t("This is not about this session."),
          ]}
          onClose={onClose}
          onSend={(reason) => act("DeclineQuestion", { reason })}
        />
      );
    case "edit":
      return (
        <Writing
          label={t("What the room reads. The original is kept, and the asker is told.")}
          button={t("Save the words")}
          draft={`majlis-edit ${id} ${filed.edits ?? 0}`}
          before={filed.text}
          needed
          rows={3}
          {...(filed.original ? { ready: [filed.original] } : {})}
          onClose={onClose}
          onSend={(text) => act("EditQuestion", { text, edits: filed.edits ?? 0 })}
        />
      );
    case "merge":
      return <Merging board={board} question={question} onClose={onClose} />;
    case "tags":
      return <Tagging board={board} filed={filed} onClose={onClose} />;
    case "assign":
      return <Assigning board={board} filed={filed} onClose={onClose} />;
    case "block":
      return <Blocking filed={filed} onClose={onClose} />;
    default:
      return null;
  }
}

function Blocking({ filed, onClose }: { filed: Filed; onClose: () => void }): VNode {
  const desk = useContext(Acts);
  return (
    <fieldset class="question-writing">
      <legend>
        {t("Take no more questions from this person in this session?")} <bdi>{filed.asker}</bdi>
      </legend>
      <div class="question-acts">
        <button
          type="button"
          class="button button-small button-danger"
          onClick={() => void desk.act("BlockAsker", { person: filed.person, blocked: true }).then(onClose)}
        >
          {t("Block")}
        </button>
        <button type="button" class="link-button" onClick={onClose}>
          {t("Cancel")}
        </button>
      </div>
    </fieldset>
  );
}
