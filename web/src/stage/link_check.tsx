// "Try out your connection": one button at the door, a few seconds, and the result in words.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../translation";
import { type DeviceFacts, type LinkFound, type LinkVerdict, tellLink, testLink } from "./link_test";
import type { RoomPage } from "./wire";

type Stage = { name: "idle" | "busy" | "failed" } | { name: "done"; found: LinkFound; meaning: LinkVerdict };

interface Props {
  page: RoomPage;
  devices: () => DeviceFacts;
  /** Presenters want to know about sending as well. */
  presents: boolean;
}

export function LinkCheck({ page, devices, presents }: Props): VNode {
  const [stage, setStage] = useState<Stage>({ name: "idle" });
  const stopping = useRef<AbortController | null>(null);
  const begin = async () => {
    const stop = new AbortController();
    stopping.current = stop;
    setStage({ name: "busy" });
    try {
      const found = await testLink(page.check_url, page.form_token, stop.signal);
      const meaning = await tellLink(page.check_url, page.form_token, { ...found, ...devices() });
      setStage({ name: "done", found, meaning });
    } catch {
      if (stopping.current === stop) setStage({ name: stop.signal.aborted ? "idle" : "failed" });
    }
  };
  // Whoever opens this has asked for it.
  useEffect(() => {
    void begin();
    return () => stopping.current?.abort();
  }, []);
  return (
    <div class="link-check">
      <div role="status">
        {stage.name === "busy" && (
          <p>
            {t(
              "Trying out your connection. This takes a few seconds and up to 0.3 MB. You need not wait for it.",
            )}
          </p>
        )}
        {stage.name === "failed" && (
          <p>{t("The server could not be reached well enough to tell. Try again.")}</p>
        )}
        {stage.name === "done" && <Result found={stage.found} meaning={stage.meaning} presents={presents} />}
      </div>
      {stage.name === "busy" ? (
        <button type="button" class="link-button" onClick={() => stopping.current?.abort()}>
          {t("Stop")}
        </button>
      ) : (
        <button type="button" class="button button-quiet" onClick={() => void begin()}>
          {t("Try again")}
        </button>
      )}
    </div>
  );
}

function Result({
  found,
  meaning,
  presents,
}: {
  found: LinkFound;
  meaning: LinkVerdict;
  presents: boolean;
}): VNode {
  const good = meaning.verdict === "pictures" || meaning.verdict === "small";
  const sending = presents ? sendingWords(meaning.sending) : "";
  return (
    <div class={good ? "notice notice-ok" : "notice notice-warn"}>
      <p>
        <strong>{verdictWords(meaning.verdict)}</strong>
      </p>
      {sending && <p>{sending}</p>}
      {found.transport === "tcp" && (
        <p>{t("Your network lets only TCP through, so sound may lag a little.")}</p>
      )}
      <p class="soft small numbers">
        <bdi>{t("{time} ms", { time: found.round_trip_ms })}</bdi>
        {found.loss !== null && <bdi>{t("{share} % lost", { share: (found.loss * 100).toFixed(1) })}</bdi>}
        {found.down_kbits !== null && <bdi>{t("{rate} to you", { rate: rateWords(found.down_kbits) })}</bdi>}
        {found.up_kbits !== null && <bdi>{t("{rate} from you", { rate: rateWords(found.up_kbits) })}</bdi>}
        {found.transport !== "none" && <bdi>{found.transport.toUpperCase()}</bdi>}
      </p>
    </div>
  );
}

/** A few hundred kilobytes cannot tell fast from faster, and nothing here needs more. */
const PLENTY_KBITS = 5_000;

function rateWords(kbits: number): string {
  return kbits > PLENTY_KBITS ? t("more than 5 Mbit/s") : t("{rate} kbit/s", { rate: kbits });
}

function verdictWords(verdict: LinkVerdict["verdict"]): string {
  switch (verdict) {
    case "pictures":
      return t("Good for sound and pictures.");
    case "small":
      return t("Good for sound and small pictures.");
    case "sound":
      return t("Good for sound, too weak for pictures.");
    case "text":
      return t("Too weak for sound. Text and slides work.");
    default:
      return t(
        "This network lets no sound or picture through. Text and slides work. Another network may help, such as a telephone's.",
      );
  }
}

function sendingWords(sending: LinkVerdict["sending"]): string {
  switch (sending) {
    case "camera":
      return t("Your camera can be sent.");
    case "voice":
      return t("You will be heard. Leave the camera off.");
    case "too-weak":
      return t("You may not be heard well. Try another network.");
    default:
      return "";
  }
}
