// Clashes as the server names them, and what they mean for each session.

export type Severity = "error" | "warning" | "hint";

export interface Problem {
  id: string;
  kind: string;
  severity: Severity;
  sessions: string[];
  room: string | null;
  starts_at: string | null;
  /** A sentence in the reader's language. */
  text: string;
}

/** What a proposed placement would change. */
export interface Preview {
  gone: Problem[];
  new: Problem[];
}

const WORST: Severity[] = ["hint", "warning", "error"];

/** The problems there would be if the proposal were done. */
export function withPreview(problems: readonly Problem[], preview: Preview | null): Problem[] {
  if (!preview) return [...problems];
  const gone = new Set(preview.gone.map((one) => one.id));
  const added = new Set(preview.new.map((one) => one.id));
  return [...preview.new, ...problems.filter((one) => !gone.has(one.id) && !added.has(one.id))];
}

/** For each session its worst severity and how many problems it has. */
export function bySession(problems: readonly Problem[]): Map<string, { worst: Severity; count: number }> {
  const found = new Map<string, { worst: Severity; count: number }>();
  for (const { severity, sessions } of problems) {
    for (const code of sessions) {
      const known = found.get(code);
      const worst = known && WORST.indexOf(known.worst) > WORST.indexOf(severity) ? known.worst : severity;
      found.set(code, { worst, count: (known?.count ?? 0) + 1 });
    }
  }
  return found;
}

export const SIGNS: Record<Severity, string> = { error: "✕", warning: "!", hint: "i" };
