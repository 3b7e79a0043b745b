// Which questions that are asked already seem to ask what somebody is typing. Pure, and on the device: it costs
// nothing and works without a connection.

import { folded } from "./folding";
import type { Question } from "./state";

/** Words that are in every question say nothing about it. Folded. */
const EMPTY = new Set(
  (
    "what which how when where why who is are do does did can could should would will the and for with from " +
    "this that there have has was were about into not you your any " +
    "ما ماذا هل كيف متي اين لماذا من في علي الي عن مع هو هي هذا هذه التي الذي كان يكون ان او لا ام كم اي"
  ).split(" "),
);
const LEAST_WORDS = 2;
const LEAST_SHARE = 0.55;
const MOST = 3;

/** The words that carry a question, without the Arabic article and the particles written with it. */
export function keyWords(text: string): Set<string> {
  const words = folded(text)
    .split(" ")
    .filter((word) => !EMPTY.has(word))
    .map((word) => word.replace(/^(?:و|ف|ب|ك)?(?:ال|لل)(?=..)/, ""));
  return new Set(words.filter((word) => word.length > 2 || /\d/.test(word)));
}

/** The questions most like `text`, best first: at least two words in common, and most of the shorter one's. */
export function similar(text: string, asked: Iterable<Question>): Question[] {
  const wanted = keyWords(text);
  const found: [number, Question][] = [];
  if (wanted.size < LEAST_WORDS) return [];
  for (const question of asked) {
    const words = [...keyWords(question.text)];
    const common = words.filter((word) => hasWord(wanted, word)).length;
    const share = common / Math.min(wanted.size, words.length || 1);
    if (common >= LEAST_WORDS && share >= LEAST_SHARE) found.push([share + question.votes / 1e6, question]);
  }
  return found
    .sort(([one], [other]) => other - one)
    .slice(0, MOST)
    .map(([, question]) => question);
}

/** The same word, or another form of it: alike but for its last letters. */
function hasWord(words: Set<string>, word: string): boolean {
  if (words.has(word)) return true;
  if (word.length < 5) return false;
  for (const other of words) {
    const stem = Math.min(word.length, other.length, Math.max(5, word.length - 2));
    if (
      other.length >= 5 &&
      Math.abs(other.length - word.length) < 3 &&
      word.slice(0, stem) === other.slice(0, stem)
    )
      return true;
  }
  return false;
}
