// Everything about one's own connection and devices, in a file of its own: fetched when it is opened.

import type { ComponentChildren, VNode } from "preact";
import { t } from "../translation";
import { useCell } from "./cell";
import { DataUsed, Limit } from "./data_used";
import { DeviceSettings } from "./device_settings";
import { Sheet } from "./dialogs";
import { openWindow, windowPossible } from "./picture_window";
import { QualityChoice } from "./quality_choice";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";
import { SendingSettings } from "./sending_settings";
import type { SettingsProps } from "./status_line";

export function SettingsSheet({ session, onClose }: SettingsProps): VNode {
  const chosen = useCell(session.media.choice);
  const room = useCell(session.room);
  return (
    <Sheet title={t("Settings")} onClose={onClose} fromTop>
      <Part title={t("Connection")}>
        <Connection session={session} />
      </Part>
      <Part title={t("Data used in this session")}>
        <DataUsed session={session} />
      </Part>
      <QualityChoice chosen={chosen} choose={(choice) => void session.choose(choice)} />
      {(room.presents || me(room).state === "on-stage") && <SendingSettings session={session} />}
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
  useCell(session.media.carries);
  useCell(session.data.level);
  const { long, quality } = session.link.words(link);
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
