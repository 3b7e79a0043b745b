// Searching as people type: without diacritics, and with the letters that Arabic writers use for one another as one.

const ALIKE: Record<string, string> = { ى: "ي", ة: "ه", ک: "ك", ی: "ي", ھ: "ه", ٱ: "ا", ـ: "" };

/** `text` in the form in which two spellings of one word are equal. */
export function folded(text: string): string {
  return (
    text
      // Takes hamzas and vowel marks off their letters (Unicode Standard Annex 15), so that they can be dropped.
      .normalize("NFKD")
      .replace(/\p{M}+/gu, "")
      .replace(/[ىةکیھٱـ]/g, (letter) => ALIKE[letter] ?? letter)
      .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
      .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
      .toLowerCase()
  );
}

/** Whether every word of `query` is somewhere in `texts`. */
export function matches(query: string, texts: readonly string[]): boolean {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = folded(texts.join(" "));
  return words.every((word) => text.includes(word));
}
