// The moderators' desk for questions.

export { QuestionDesk } from "../questions/desk";
