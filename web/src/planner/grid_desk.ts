// The grid, the planner and the focus kept together: what the planner knows is drawn, what is done with mouse and
// keys is told to the planner.

import { blockBody, type Marks, markBlock, showMark } from "./blocks";
import type { Placement } from "./draft";
import { Grid } from "./grid";
import type { GridDay } from "./grid_day";
import { pressed, putBack, putDown } from "./keys";
import type { Planner } from "./planner";
import { bySession, withPreview } from "./problems";
import { roomName, timesOf } from "./said";

/** Keeps the grid, the planner and the focus together. */
export class GridDesk {
  private readonly grid: Grid;
  private readonly stops: (() => void)[] = [];
  private marks: Marks = new Map();
  /** The one session that Tab reaches. */
  private focused: string | null = null;
  private inside = false;
  private remarking = false;
  private condensed: boolean;

  constructor(
    private readonly host: HTMLElement,
    private readonly planner: Planner,
    condensed: boolean,
  ) {
    this.condensed = condensed;
    this.grid = new Grid(host, this.gridDay(), {
      dragging: (code, placement) => this.dragging(code, placement),
      dropped: (code, placement) => planner.place(code, placement),
      letGo: (code, x, y) => this.letGo(code, x, y),
      body: (code, dragged) => this.body(code, dragged),
      mark: (article, code) => this.mark(article, code),
    });
    const { clashes } = planner;
    const redraw = () => this.draw();
    const whole = () => this.drawAll();
    const remark = () => this.drawMarksOnce();
    this.stops.push(
      planner.version.watch(redraw),
      planner.held.watch(redraw),
      planner.day.watch(whole),
      planner.step.watch(whole),
      planner.frame.watch(whole),
      planner.chosen.watch(remark),
      clashes.problems.watch(remark),
      clashes.preview.watch(remark),
    );
    this.listen(host, "keydown", this.key, true);
    this.listen(host, "click", this.click);
    this.listen(document, "focusin", this.focusMoved);
    this.listen(host, "dragover", this.dragOver);
    this.listen(host, "drop", this.drop);
    this.drawAll();
  }

  destroy(): void {
    for (const stop of this.stops) stop();
    this.grid.destroy();
  }

  scale(condensed: boolean): void {
    if (condensed === this.condensed) return;
    this.condensed = condensed;
    this.drawAll();
  }

  private listen<K extends keyof HTMLElementEventMap>(
    target: HTMLElement | Document,
    type: K,
    handler: (event: HTMLElementEventMap[K]) => void,
    capture = false,
  ): void {
    target.addEventListener(type, handler as EventListener, capture);
    this.stops.push(() => target.removeEventListener(type, handler as EventListener, capture));
  }

  private gridDay(): GridDay {
    const { planner } = this;
    const day = planner.day.value;
    return {
      day,
      bounds: planner.boundsOf(day),
      rooms: planner.rooms,
      step: planner.step.value,
      condensed: this.condensed,
      closed: planner.closedOn(day),
    };
  }

  private drawAll(): void {
    this.marks = bySession(
      withPreview(this.planner.clashes.problems.value, this.planner.clashes.preview.value),
    );
    this.host.dataset.condensed = String(this.condensed);
    this.grid.show(this.gridDay(), this.planner.sessionsOf(this.planner.day.value));
    this.settleFocus();
  }

  private draw(): void {
    const { from, until } = this.planner.boundsOf(this.planner.day.value);
    const { bounds } = this.grid.day;
    if (from < bounds.from || until > bounds.until) {
      this.drawAll();
      return;
    }
    this.grid.update(this.planner.sessionsOf(this.planner.day.value));
    this.drawMarksOnce();
    this.settleFocus();
  }

  /** One drop is several changes (let go, placed, nothing to preview): hundreds of blocks are looked at once. */
  private drawMarksOnce(): void {
    if (this.remarking) return;
    this.remarking = true;
    queueMicrotask(() => {
      this.remarking = false;
      this.drawMarks();
    });
  }

  private drawMarks(): void {
    const { problems, preview } = this.planner.clashes;
    this.marks = bySession(withPreview(problems.value, preview.value));
    for (const article of this.host.querySelectorAll<HTMLElement>("[data-code]")) {
      const code = article.dataset.code ?? "";
      if (article.classList.contains("ec-preview")) {
        showMark(article, this.marks.get(code));
        article.dataset.severity = this.marks.get(code)?.worst ?? "none";
      } else this.mark(article, code);
    }
  }

  private body(code: string, dragged: boolean): HTMLElement {
    const session = this.planner.shown(code);
    if (!session) return document.createElement("div");
    const { rooms, tracks } = this.planner.frame.value;
    const placement = (dragged && this.planner.held.value?.placement) || session;
    return blockBody(session, timesOf(placement), tracks, roomName(rooms, session.room));
  }

  private mark(article: HTMLElement, code: string): void {
    const session = this.planner.shown(code);
    if (!session) return;
    markBlock(article, session, this.planner, this.marks);
    const reached = code === this.focused && this.grid.articles(code)[0] === article;
    setTabIndex(article, reached ? 0 : -1);
    // Drawn anew under the focus: it goes on where it was.
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (code === this.focused && this.inside && lost) article.focus({ preventScroll: true });
  }

  /** Exactly one session of the day can be reached by Tab. */
  private settleFocus(): void {
    const held = this.planner.held.value;
    if (held?.by === "keys") {
      this.focused = held.code;
      this.inside = true;
    }
    queueMicrotask(() => {
      const all = [...this.host.querySelectorAll<HTMLElement>("[data-code]:not(.ec-preview)")];
      if (!all.some((one) => one.dataset.code === this.focused)) {
        const sessions = this.planner.sessionsOf(this.planner.day.value);
        sessions.sort((one, other) => (one.start ?? 0) - (other.start ?? 0));
        this.focused = sessions[0]?.code ?? null;
      }
      const found = all.find((one) => one.dataset.code === this.focused);
      for (const one of all) setTabIndex(one, one === found ? 0 : -1);
      const lost = this.inside && document.activeElement === document.body;
      if (found && document.activeElement !== found && (held?.by === "keys" || lost)) {
        found.focus({ preventScroll: true });
      }
      if (held?.by === "keys") found?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }

  private readonly key = (event: KeyboardEvent): void => {
    const code = (event.target as HTMLElement).closest<HTMLElement>("[data-code]")?.dataset.code;
    if (!code || !pressed(this.planner, event, code, (next) => this.goTo(next))) return;
    event.preventDefault();
    event.stopPropagation();
  };

  private goTo(code: string): void {
    this.focused = code;
    const [article] = this.grid.articles(code);
    for (const one of this.host.querySelectorAll<HTMLElement>("[data-code]")) one.tabIndex = -1;
    if (!article) return;
    article.tabIndex = 0;
    article.focus();
  }

  private readonly focusMoved = (event: FocusEvent): void => {
    const target = event.target as HTMLElement;
    this.inside = this.host.contains(target);
    const code = target.closest<HTMLElement>("[data-code]")?.dataset.code;
    if (this.inside && code) this.focused = code;
    else if (!this.inside && this.planner.held.value?.by === "keys") putBack(this.planner);
  };

  private readonly click = (event: MouseEvent): void => {
    const article = (event.target as HTMLElement).closest<HTMLElement>("[data-code]");
    const code = article?.dataset.code;
    if (!code) return;
    if (this.planner.held.value?.by === "keys") {
      putDown(this.planner);
      return;
    }
    article.focus({ preventScroll: true });
    this.planner.chosen.set(code);
  };

  private dragging(code: string, placement: Placement | null): void {
    this.planner.held.set(placement ? { code, placement, by: "mouse" } : null);
    this.planner.clashes.hold(code, placement);
    if (!placement) return;
    // A break for all rooms has one in each of them.
    for (const times of this.host.querySelectorAll(".ec-preview .plan-times")) {
      times.textContent = timesOf(placement);
    }
  }

  private letGo(code: string, x: number, y: number): boolean {
    const under = document.elementFromPoint(x, y);
    const day = under?.closest<HTMLElement>("[data-day]")?.dataset.day;
    if (day) {
      this.planner.moveToDay(code, day);
      return true;
    }
    if (!under?.closest("[data-unschedule]")) return false;
    this.planner.unschedule(code);
    return true;
  }

  private readonly dragOver = (event: DragEvent): void => {
    const { held } = this.planner;
    const now = held.value;
    if (now?.by !== "list") return;
    event.preventDefault();
    const place = this.grid.at(event.clientX, event.clientY);
    if (!place || (place.room === now.placement.room && place.start === now.placement.start)) return;
    const placement = { ...now.placement, ...place };
    held.set({ ...now, placement });
    this.planner.clashes.hold(now.code, placement);
  };

  private readonly drop = (event: DragEvent): void => {
    const now = this.planner.held.value;
    if (now?.by !== "list" || now.placement.start === null) return;
    event.preventDefault();
    putDown(this.planner);
  };
}

/** Setting an attribute anew costs even where it is the same; there are hundreds of blocks. */
function setTabIndex(article: HTMLElement, index: number): void {
  if (article.getAttribute("tabindex") !== String(index)) article.tabIndex = index;
}
