// What the server answers.

export interface Refusal {
  code: string;
  message: string;
  field?: string | null;
  /** Seconds; when it is there the same may be tried again. */
  retry_after?: number;
}

export interface Reply {
  client_id: string;
  reply?: unknown;
  error?: Refusal;
}

/** The server refused a command; `message` is in the reader's language. */
export class LiveError extends Error {
  readonly code: string;
  readonly field: string | null;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.code = refusal.code;
    this.field = refusal.field ?? null;
  }
}
