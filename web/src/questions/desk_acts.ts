// What the moderators' desk does with questions, and the one step it can take back at once.

import { t } from "../translation";
import type { QuestionBoard } from "./board";

interface Decided {
  state?: string;
  version?: number;
  merged?: Record<string, number>;
}

/** The last step of this desk: in words, and what takes it back. */
export interface LastStep {
  words: string;
  undo: { question: string; version: number }[];
}

/** One for each panel: remembers the last step until the next. */
export class DeskActs {
  last: LastStep | null = null;
  private readonly watchers = new Set<() => void>();

  constructor(readonly board: QuestionBoard) {}

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** False when the server refused; what it said is the board's `trouble`. */
  async act(type: string, body: Record<string, unknown>): Promise<boolean> {
    const reply = (await this.board.act(type, body)) as Decided | null;
    const words = reply && stepWords(type);
    if (words) this.remember({ words, undo: undoing(String(body.question ?? ""), reply) });
    return reply !== null;
  }

  async undo(): Promise<void> {
    const { undo } = this.last ?? { undo: [] };
    this.remember(null);
    let done = true;
    for (const step of undo) done = (await this.board.act("UndoModeration", step)) !== null && done;
    if (done) this.remember({ words: t("Taken back."), undo: [] });
  }

  private remember(last: LastStep | null): void {
    this.last = last;
    for (const watcher of this.watchers) watcher();
  }
}

function undoing(question: string, { version, merged }: Decided): LastStep["undo"] {
  if (merged) return Object.entries(merged).map(([id, step]) => ({ question: id, version: step }));
  return version === undefined ? [] : [{ question, version }];
}

/** Steps that move a question elsewhere, so that its own "Undo" is no longer in front of the moderator. */
function stepWords(type: string): string | null {
  switch (type) {
    case "ApproveQuestion":
      return t("Approved.");
    case "DeclineQuestion":
      return t("Declined.");
    case "HideQuestion":
      return t("Hidden.");
    case "AnswerQuestion":
      return t("Marked as answered.");
    case "MergeQuestions":
      return t("Put together; the askers are told.");
    default:
      return null;
  }
}
