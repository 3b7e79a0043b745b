// The tab of polls.

export { PollsPanel } from "../polls/panel";
