// Sees to it that a microphone that is on is heard: browsers have been seen to stop sending while everything looked
// whole. Fetched by whoever sends something.

import { t } from "../translation";
import { renewMicrophone } from "./changing_devices";
import type { LinkWords } from "./link_words";
import { explainDevice } from "./own_switches";
import type { RoomSession } from "./room_session";
import { type Remedy, SoundRule } from "./sound_rule";

const LOOK_MS = 2_000;

const watched = new WeakSet<RoomSession>();

/** For the rest of the visit; once is enough. */
export function watchSound(visit: RoomSession): void {
  if (watched.has(visit)) return;
  watched.add(visit);
  const rule = new SoundRule();
  const said = { note: 0 };
  let busy = false;
  const timer = setInterval(async () => {
    if (visit.ending.value) return clearInterval(timer);
    if (busy) return;
    busy = true;
    try {
      await look(visit, rule, said);
    } catch (error) {
      explainDevice(visit, "microphone", error);
    } finally {
      busy = false;
    }
  }, LOOK_MS);
}

/** `said.note` is the note about the present trouble. */
async function look(visit: RoomSession, rule: SoundRule, said: { note: number }): Promise<void> {
  const { media, devices, link } = visit;
  const connection = media.connection?.connections.publish ?? null;
  const track = devices.state.value.microphone;
  const troubled = rule.troubled;
  const remedy = rule.look({
    on: devices.has("microphone") && media.connection?.published("microphone") === track,
    connected: connection?.connectionState === "connected",
    packets: connection && track ? await packetsOf(connection, track) : 0,
  });
  if (rule.troubled && !troubled) said.note = visit.note(silentWords().long, true);
  if (troubled && !rule.troubled) {
    visit.notes.withdraw(said.note);
    if (devices.has("microphone")) visit.note(t("You can be heard again."));
  }
  const words = rule.troubled ? silentWords() : track?.muted && devices.has("microphone") ? offWords() : null;
  if (words?.long !== link.value.unheard?.long) link.learn({ unheard: words });
  if (remedy) await remedied(visit, remedy);
}

/** A sender that has lost its track sends nothing, which is to be found out here. */
async function packetsOf(connection: RTCPeerConnection, track: MediaStreamTrack): Promise<number> {
  const sender = connection.getSenders().find((each) => each.track === track);
  let packets = 0;
  for (const stat of (await sender?.getStats())?.values() ?? [])
    if (stat.type === "outbound-rtp") packets += (stat as RTCOutboundRtpStreamStats).packetsSent ?? 0;
  return packets;
}

async function remedied(visit: RoomSession, remedy: Remedy): Promise<void> {
  if (remedy === "connection") await visit.media.connection?.renewPublishing();
  else await renewMicrophone(visit);
}

function silentWords(): LinkWords {
  return {
    quality: "lost",
    short: t("You are not heard"),
    long: t("Your browser has stopped sending your voice. We are starting your microphone again."),
  };
}

/** By a switch on the device, the system, or a telephone call. */
function offWords(): LinkWords {
  return {
    quality: "weak",
    short: t("Microphone is off"),
    long: t("Your device has switched the microphone off, so nobody hears you. Switch it on there."),
  };
}
