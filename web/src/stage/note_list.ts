// What has just happened, for as long as it takes to read.

import { Cell } from "./cell";

export interface Note {
  readonly id: number;
  readonly text: string;
  readonly urgent: boolean;
}

const NOTE_MS = 7_000;
const MOST = 3;

export class NoteList extends Cell<readonly Note[]> {
  private noted = 0;

  constructor() {
    super([]);
  }

  /** Returns the note's id; what is being said already is not said twice. */
  say(text: string, urgent: boolean): number {
    const shown = this.value.find((note) => note.text === text);
    if (shown) return shown.id;
    const id = ++this.noted;
    this.change((notes) => [...notes, { id, text, urgent }].slice(-MOST));
    setTimeout(() => this.withdraw(id), NOTE_MS);
    return id;
  }

  withdraw(id: number): void {
    this.change((notes) => notes.filter((note) => note.id !== id));
  }
}
