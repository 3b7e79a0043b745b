// One spelling for texts that people mean to be the same: the rule of conference/serving/arabic.py, for
// comparing and searching, never for showing. Pure.

const letters: Record<string, string> = {
  ٱ: "ا",
  ى: "ي",
  ی: "ي",
  ې: "ي",
  ے: "ي",
  ة: "ه",
  ۃ: "ه",
  ہ: "ه",
  ھ: "ه",
  ە: "ه",
  ک: "ك",
  ڪ: "ك",
  ڤ: "ف",
  ء: "",
  ـ: "",
};

/** Words of letters and ASCII digits with one space between them; marks and invisible characters fall away. */
export function folded(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[ٱىیېےةۃہھەکڪڤءـ]/g, (letter) => letters[letter] ?? letter)
    .replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Whether `text` holds the beginning of a word for every word of `wanted` (both folded). */
export function holds(text: string, wanted: string): boolean {
  const padded = ` ${text}`;
  return wanted
    .split(" ")
    .every((word) => padded.includes(` ${word}`) || padded.includes(` ال${word}`) || word === "");
}
