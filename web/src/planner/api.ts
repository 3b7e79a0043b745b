// Asking the server, in JSON over /api/events/{event}/…: one answer or one refusal, never an exception.

export interface ApiError {
  status: number;
  code: string;
  message: string;
  details: Record<string, unknown>;
}

export type Answer<T> = { ok: true; body: T } | { ok: false; error: ApiError };

const PATIENCE_MS = 20_000;

/** Nobody answered, or only something in between. */
const SILENT: ApiError = { status: 0, code: "api.silent", message: "", details: {} };

export const isSilence = (error: ApiError): boolean => error.status === 0;

export class Api {
  private readonly tags = new Map<string, string>();

  constructor(
    private readonly root: string,
    private readonly formToken: string,
  ) {}

  /** `null` in place of a body: nothing has changed since it was last asked for here. */
  async get<T>(path: string): Promise<Answer<T | null>> {
    const tag = this.tags.get(path);
    return this.ask<T | null>(path, {
      headers: { Accept: "application/json", ...(tag ? { "If-None-Match": tag } : {}) },
    });
  }

  /** As it is at this moment, whatever was answered before. */
  async read<T>(path: string): Promise<Answer<T>> {
    return this.ask<T>(path, { headers: { Accept: "application/json" } });
  }

  async post<T>(path: string, body: object): Promise<Answer<T>> {
    return this.ask<T>(path, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-Form-Token": this.formToken,
      },
      body: JSON.stringify(body),
    });
  }

  private async ask<T>(path: string, request: RequestInit): Promise<Answer<T>> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      // "default" would let the browser answer 304 itself with the old body: we hold that one already.
      const response = await fetch(this.root + path, { ...request, cache: "no-store", signal: stop.signal });
      if (response.status === 304) return { ok: true, body: null as T };
      if (response.status >= 500 || response.status === 429) return { ok: false, error: SILENT };
      const body = (await response.json()) as T;
      if (!response.ok)
        return { ok: false, error: { ...SILENT, ...refusalIn(body), status: response.status } };
      const tag = response.headers.get("ETag");
      if (tag && !request.method) this.tags.set(path, tag);
      return { ok: true, body };
    } catch {
      return { ok: false, error: SILENT };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A refusal stands alone, or under `error` where something before the API has refused. */
function refusalIn(body: unknown): Partial<ApiError> {
  const { error, ...rest } = body as { error?: Partial<ApiError> } & Partial<ApiError> & { detail?: string };
  const found = error ?? { ...rest, message: rest.detail ?? rest.message ?? "" };
  return { ...found, details: found.details ?? {} };
}
