// The texts of the browser code in the page's language.
//
//   await loadTexts();                       // once, before the first text is shown
//   t("Leave the room")
//   t("{name} raised a hand", { name })
//   n("{count} person", "{count} people", count)
//
// English is the source: where a text is missing, or the file did not arrive, people read the English one.

type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;
type Values = Record<string, string | number>;

interface Catalogue {
  language: string;
  messages: Record<string, Message>;
}

let messages: Record<string, Message> = {};

/** The page's language ("ar", "en"), and the locale to format dates and numbers with. */
export const language = document.documentElement.lang || "en";
/** Latin digits in both languages, as on the server's pages. */
export const locale = language === "ar" ? "ar-IQ-u-nu-latn" : "en-GB";

const plural = new Intl.PluralRules(language);

/**
 * Fetches the catalogue named by `<meta name="texts">`, "later-texts" for scripts that come later, or
 * "planner-texts"; never fails: without it the texts are English.
 */
export async function loadTexts(name: "texts" | "later-texts" | "planner-texts" = "texts"): Promise<void> {
  const address = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content;
  if (!address || language === "en") return;
  try {
    const answer = await fetch(address);
    if (!answer.ok) return;
    const fetched = (await answer.json()) as Catalogue;
    messages = { ...messages, ...fetched.messages };
  } catch {
    // offline: English words are better than none
  }
}

/** The text in the reader's language, `{name}` filled from `values`. */
export function t(text: string, values: Values = {}): string {
  const found = messages[text];
  return filled(typeof found === "string" ? found : text, values);
}

/** The form of a text that fits `count`; `{count}` in it is the number. */
export function n(singular: string, many: string, count: number, values: Values = {}): string {
  const found = messages[singular];
  const english = count === 1 ? singular : many;
  const form = typeof found === "object" ? (found[plural.select(count)] ?? found.other ?? english) : english;
  return filled(form, { count, ...values });
}

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
