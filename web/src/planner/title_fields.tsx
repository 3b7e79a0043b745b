// A title in every language of the event, as fields of a form.

import type { VNode } from "preact";
import { locale, t } from "../translation";
import type { Texts } from "./draft";

const names = new Intl.DisplayNames([locale], { type: "language" });

interface Props {
  id: string;
  languages: readonly string[];
  title: Texts;
  onTitle: (title: Texts) => void;
}

export function TitleFields({ id, languages, title, onTitle }: Props): VNode {
  return (
    <>
      {languages.map((one) => (
        <div class="field" key={one}>
          <label for={`${id}-title-${one}`}>
            {t("Title ({language})", { language: names.of(one) ?? one })}
          </label>
          <input
            id={`${id}-title-${one}`}
            lang={one}
            dir="auto"
            maxLength={500}
            value={title[one] ?? ""}
            onInput={(event) => onTitle({ ...title, [one]: event.currentTarget.value })}
          />
        </div>
      ))}
    </>
  );
}

export const isSaid = (title: Texts): boolean => Object.values(title).some((text) => text.trim());

/** The languages that were filled in. */
export const filledIn = (title: Texts): Texts =>
  Object.fromEntries(Object.entries(title).filter(([, text]) => text.trim()));
