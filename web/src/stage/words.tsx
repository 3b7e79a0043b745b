// Names inside sentences, lengths of time and sizes in words.

import type { ComponentChildren, VNode } from "preact";
import { t } from "../translation";
import type { Role } from "./wire";

/** `text` with its {placeholder}s replaced by elements, so that a name keeps its own direction. */
export function Said({ text, ...parts }: { text: string } & Record<string, ComponentChildren>): VNode {
  const pieces = text.split(/(\{\w+\})/).map((piece) => {
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    return name !== undefined && name in parts ? <bdi key={name}>{parts[name]}</bdi> : piece;
  });
  return <>{pieces}</>;
}

export function roleName(role: Role): string {
  switch (role) {
    case "organizer":
      return t("Organizer");
    case "chair":
      return t("Chair");
    case "moderator":
      return t("Moderator");
    case "speaker":
      return t("Speaker");
    default:
      return t("Attendee");
  }
}

/** 4:05 or 1:04:05; always left to right. */
export function clockLength(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = pad(whole % 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** 0.4, 12.3, 140: megabytes with no more digits than matter. */
export function megabytes(bytes: number): string {
  const size = bytes / 1_000_000;
  return size < 100 ? size.toFixed(1) : String(Math.round(size));
}

/** The first letter of a name as people write it, for a tile without a picture. */
export function initial(name: string): string {
  const Segmenter = (
    Intl as { Segmenter?: new (language: undefined, options: { granularity: "grapheme" }) => Intl.Segmenter }
  ).Segmenter;
  const trimmed = name.trim();
  if (!Segmenter) return [...trimmed][0] ?? "·";
  for (const { segment } of new Segmenter(undefined, { granularity: "grapheme" }).segment(trimmed))
    return segment;
  return "·";
}
