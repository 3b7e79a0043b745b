// Everything about one's own connection and devices, in a file of its own: fetched when it is opened.

import type { ComponentChildren, VNode } from "preact";
import { t } from "../translation";
import { useCell } from "./cell";
import { DataUsed, Limit } from "./data_used";
import { DeviceSettings } from "./device_settings";
import { Sheet } from "./dialogs";
import { openWindow, windowPossible } from "./picture_window";
import type { RoomSession } from "./room_session";
import type { SettingsProps } from "./status_line";
import { CHOICES, type Choice, MB_AN_HOUR } from "./viewing";

export function SettingsSheet({ session, onClose }: SettingsProps): VNode {
  return (
    <Sheet title={t("Settings")} onClose={onClose} fromTop>
      <Part title={t("Connection")}>
        <Connection session={session} />
      </Part>
      <Part title={t("Data used in this session")}>
        <DataUsed session={session} />
      </Part>
      <Quality session={session} />
      <Part title={t("Limit")}>
        <Limit session={session} />
      </Part>
      <Part title={t("Sound and devices")}>
        <DeviceSettings session={session} />
      </Part>
      {windowPossible() && (
        <button
          type="button"
          class="button button-quiet"
          onClick={() =>
            void openWindow(session).then(onClose, (error: unknown) => windowFailed(session, error))
          }
        >
          {t("Keep the picture in a small window")}
        </button>
      )}
      <div class="sheet-actions">
        <button type="button" class="button" onClick={onClose}>
          {t("Done")}
        </button>
      </div>
    </Sheet>
  );
}

function windowFailed(session: RoomSession, error: unknown): void {
  if (error instanceof Error && error.message === "no-picture")
    session.note(t("There is no picture just now."), true);
  else session.note(t("The browser could not open a small window."), true);
}

export function Part({ title, children }: { title: string; children: ComponentChildren }): VNode {
  return (
    <section class="setting">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Connection({ session }: { session: RoomSession }): VNode {
  const link = useCell(session.link);
  useCell(session.media.choice);
  useCell(session.data.level);
  const { long, quality } = session.words(link);
  const { quality: figures } = link;
  return (
    <>
      <p class="setting-state" data-quality={quality} role="status">
        <span class="status-dot" aria-hidden="true" /> {long}
      </p>
      {figures && (
        <details class="setting-figures">
          <summary>{t("Figures")}</summary>
          <dl class="figures">
            <Figure
              name={t("Answer of the server")}
              value={figures.rttMs === null ? "–" : t("{time} ms", { time: figures.rttMs })}
            />
            <Figure
              name={t("Lost on the way, to you and from you")}
              value={`${figures.lossDown.toFixed(1)} % · ${figures.lossUp.toFixed(1)} %`}
            />
            <Figure
              name={t("Comes and goes")}
              value={t("{down} and {up} kbit/s", { down: figures.kbitDown, up: figures.kbitUp })}
            />
          </dl>
        </details>
      )}
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }): VNode {
  return (
    <>
      <dt>{name}</dt>
      <dd class="numbers">
        <bdi>{value}</bdi>
      </dd>
    </>
  );
}

/** One choice, and what each costs. */
function Quality({ session }: { session: RoomSession }): VNode {
  const chosen = useCell(session.media.choice);
  return (
    <fieldset class="setting setting-quality">
      <legend>{t("What you get")}</legend>
      {CHOICES.map((choice) => (
        <label key={choice} class="quality-choice">
          <input
            type="radio"
            name="quality"
            value={choice}
            checked={choice === chosen}
            onChange={() => void session.choose(choice)}
          />
          <span class="quality-words">
            <span class="quality-name">{nameOf(choice)}</span>
            <span class="quality-about">{aboutOf(choice)}</span>
          </span>
          <span class="quality-cost numbers">
            <bdi>{costOf(choice)}</bdi>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function nameOf(choice: Choice): string {
  switch (choice) {
    case "auto":
      return t("Automatic");
    case "low":
      return t("Small pictures");
    case "one":
      return t("Only the speaker");
    case "sound":
      return t("Sound only");
    case "saver":
      return t("Sound only, saving data");
    default:
      return t("Nothing but slides and text");
  }
}

function aboutOf(choice: Choice): string {
  switch (choice) {
    case "auto":
      return t("As good as the connection allows. The sound comes first.");
    case "low":
      return t("Everybody, in the smallest picture.");
    case "one":
      return t("One small picture: whoever speaks.");
    case "sound":
      return t("Clear sound, no pictures.");
    case "saver":
      return t("Speech as on a telephone, no pictures.");
    default:
      return t("No sound, no pictures. Questions and slides go on.");
  }
}

function costOf(choice: Choice): string {
  const size = MB_AN_HOUR[choice];
  if (choice === "text") return t("about {size} MB an hour", { size });
  return t("up to {size} MB an hour", { size });
}
