// What this device alone knows of an anonymous answer: the secret by which it can be changed, and what was answered.
// It never leaves the device but with an answer, and the server keeps only a hash of it (docs/polls.md).

import type { Answer } from "./wire";

export interface Ballot {
  secret: string;
  counter: number;
  answer?: Answer;
}

// A window that may store nothing: as long as the page is open.
const memory = new Map<string, Ballot>();

export class Ballots {
  constructor(private readonly account: string) {}

  read(poll: string): Ballot | null {
    const key = this.key(poll);
    try {
      const kept = localStorage.getItem(key);
      if (kept) return JSON.parse(kept) as Ballot;
    } catch {
      // as below
    }
    return memory.get(key) ?? null;
  }

  /** The ballot with a new answer, kept before it is sent. */
  write(poll: string, answer: Answer): Ballot {
    const before = this.read(poll);
    const ballot = { secret: before?.secret ?? secret(), counter: (before?.counter ?? 0) + 1, answer };
    memory.set(this.key(poll), ballot);
    try {
      localStorage.setItem(this.key(poll), JSON.stringify(ballot));
    } catch {
      // no storage in this window
    }
    return ballot;
  }

  private key(poll: string): string {
    return `majlis-ballot ${this.account} ${poll}`;
  }
}

/** 128 random bits in base64url (RFC 4648, section 5). */
function secret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
