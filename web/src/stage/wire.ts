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
  /** The queue of hands, lowest first. */
  hand_order?: number;
  /** Somebody from the audience has just spoken for so many seconds. */
  turn?: number;
  stopped: Source[];
}

/** Whether hands and reactions are wanted; also the body of the `StageRulesChanged` event. */
export interface StageRules {
  hands: boolean;
  reactions: boolean;
}

export type Reaction = "applause" | "thanks" | "heart" | "laugh" | "surprise";
export type Signal = "too-fast" | "cannot-hear" | "cannot-see";

/** What `ListPeople` answers. */
export interface PeopleListed {
  people: PersonHere[];
  /** A full room: only those whom everybody sees are listed. */
  only_counts: boolean;
  roles: Partial<Record<Role, number>>;
  countries: Record<string, number>;
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
  /** ISO 3166-1 alpha-2, when they share it. */
  country?: string;
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
  /** TURN servers with this tab's credentials; absent when there are none. */
  ice_servers?: RTCIceServer[];
  /** Since when the room is being recorded; absent when it is not. */
  recording_since?: string | null;
  /** Whether this person may switch a recording on and off here. */
  records?: boolean;
  /** As published, with what runs late; absent when the session is not published. */
  starts_at?: string;
  ends_at?: string;
  /** By how many minutes the hall runs late; absent when it is on time. */
  late?: number;
  /** Absent when everything is wanted. */
  rules?: StageRules;
  /** For how many seconds the last ones from the audience have spoken. */
  turns?: number[];
  /** Who is heard now, loudest first, by participant; absent when nobody is. */
  speaking?: string[];
}

/** The body of the `TimesChanged` event. */
export interface Times {
  starts_at: string;
  ends_at: string;
  late: number;
}

/** The JSON the page carries (`#room-data`). */
export interface RoomPage {
  session: string;
  account: string;
  name: string;
  title: string;
  /** BCP 47 tag of the title, and its direction. */
  title_language: string;
  title_direction: "rtl" | "ltr";
  /** Clock times as the page has them: in the event's zone, and in the reader's when it differs. */
  starts_text: string;
  starts_at: string;
  ends_at: string;
  moderates: boolean;
  presents: boolean;
  session_url: string;
  state_url: string;
  /** Where a connection is tried out: conference/stage/checking_pages.py. */
  check_url: string;
  form_token: string;
  door: DoorState;
}

/** What `stateUrl` answers. */
export interface DoorState {
  phase: Phase;
  /** Why this person cannot come in now. */
  refusal: { code: string; message: string } | null;
  full: boolean;
  here: number;
  doors_open_at: string;
  now: string;
}
