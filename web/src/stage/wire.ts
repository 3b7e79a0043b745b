// What the server tells a room, as defined in conference/stage/messages.py and pages.py.

export type Floor = "audience" | "hand-raised" | "invited" | "on-stage" | "removed";
export type Source = "microphone" | "camera" | "screen";
export type TrackSource = Source | "screen-audio";
export type Phase = "not-yet" | "open" | "closed" | "ended";
export type Role = "organizer" | "chair" | "moderator" | "speaker" | "attendee";

/** Where one person stands; also the body of the `FloorChanged` event. */
export interface Standing {
  person: string;
  name: string;
  role: Role;
  state: Floor;
  hand_raised_at?: string | null;
  stopped: Source[];
}

export interface ParticipantHere {
  participant: string;
  microphone?: boolean;
  camera?: boolean;
  screen?: boolean;
}

export interface PersonHere {
  person: string;
  name: string;
  role: Role;
  away?: boolean;
  participants?: ParticipantHere[];
}

export interface PresenceChanged {
  here: number;
  changed: PersonHere[];
  gone: string[];
}

/** The `stage` part of the snapshot. */
export interface StageSnapshot {
  phase: Phase;
  me: string;
  participant: string;
  moderates: boolean;
  presents: boolean;
  floor: Standing[];
  here: number;
  people: PersonHere[];
}

/** The JSON the page carries (`#room-data`). */
export interface RoomPage {
  event: string;
  session: string;
  title: string;
  titleLanguage: string;
  startsAt: string;
  endsAt: string;
  doorsOpenAt: string;
  now: string;
  phase: Phase;
  refusal: { code: string; message: string } | null;
  full: boolean;
  moderates: boolean;
  presents: boolean;
  name: string;
  sessionUrl: string;
  stateUrl: string;
  formToken: string;
}

/** What `stateUrl` answers. */
export interface DoorState {
  phase: Phase;
  refusal: { code: string; message: string } | null;
  full: boolean;
  here: number;
  now: string;
}
