// The pure rules of the browser's questions, for a test in Node: JSON in, JSON out.

import { folded } from "../../../web/src/questions/folding";
import { identifiersIn } from "../../../web/src/questions/identifiers";
import { similar } from "../../../web/src/questions/similar";
import type { Question } from "../../../web/src/questions/state";

export interface Given {
  texts: string[];
  typed: string;
  asked: string[];
}

export function answers({ texts, typed, asked }: Given) {
  const questions = asked.map((text, id) => ({ id: String(id), text, votes: 0 }) as Question);
  return {
    folded: texts.map(folded),
    identifiers: texts.map(identifiersIn),
    similar: similar(typed, questions).map(({ text }) => text),
  };
}
