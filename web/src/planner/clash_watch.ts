// The clashes of the draft, and while something is held over the grid, those it would bring there.

import { Cell } from "../stage/cell";
import type { Api } from "./api";
import type { Placement } from "./draft";
import { samePlacement } from "./draft";
import type { Preview, Problem } from "./problems";
import { isoOf } from "./wall_time";

const SETTLE_MS = 250;

export class ClashWatch {
  readonly problems = new Cell<Problem[]>([]);
  /** What the held session would change; null when nothing is held or nothing is known yet. */
  readonly preview = new Cell<Preview | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private held: { code: string; placement: Placement } | null = null;
  private asking = false;

  constructor(
    private readonly api: Api,
    private readonly zone: string,
  ) {}

  /** The draft has changed: ask anew, once for a burst of changes. */
  refresh(wait = SETTLE_MS): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), wait);
  }

  /** Something is held at `placement`; null: it was let go. Only the latest place is asked about. */
  hold(code: string, placement: Placement | null): void {
    if (placement && this.held?.code === code && samePlacement(this.held.placement, placement)) return;
    this.held = placement ? { code, placement } : null;
    if (!placement) this.preview.set(null);
    else void this.ask();
  }

  private async read(): Promise<void> {
    const answer = await this.api.get<{ problems: Problem[] }>("/clashes");
    if (answer.ok && answer.body) this.problems.set(answer.body.problems);
  }

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    for (let asked = this.held; asked; ) {
      const { room, start, minutes } = asked.placement;
      const answer = await this.api.post<Preview>("/clashes/preview", {
        session: asked.code,
        room,
        starts_at: start === null ? null : isoOf(start, this.zone),
        minutes,
      });
      if (this.held === asked) {
        this.preview.set(answer.ok ? answer.body : null);
        break;
      }
      asked = this.held;
    }
    this.asking = false;
  }
}
