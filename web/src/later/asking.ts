// What helps somebody who is writing a question.

export { AlreadyAsked, IdentifierWarning } from "../questions/asking_aid";
export { identifiersIn } from "../questions/identifiers";
