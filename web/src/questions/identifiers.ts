// Whether a text seems to hold what tells who a patient is: the table that the server reads as well
// (conference/questions/identifiers.py, where its form is told). Pure.

import table from "../../../conference/questions/identifiers.json";

const dropped = new RegExp(table.dropped, "g");
const zeros = [...table.zeros].map((zero) => zero.charCodeAt(0));
const patterns = table.kinds.map(({ kind, pattern }): [string, RegExp] => [kind, new RegExp(pattern)]);

/** The kinds of identifiers in `text`, each once. */
export function identifiersIn(text: string): string[] {
  const plain = folded(text);
  return [...new Set(patterns.filter(([, pattern]) => pattern.test(plain)).map(([kind]) => kind))];
}

function folded(text: string): string {
  const digit = (letter: string): string => {
    const code = letter.charCodeAt(0);
    const zero = zeros.find((one) => code >= one && code < one + 10);
    return zero === undefined ? letter : String(code - zero);
  };
  return text
    .replace(dropped, "")
    .replace(/\D/g, digit)
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
