// The tab of the chat, and the announcements above the tabs.

export { Announcements } from "../chat/announcements";
export { ChatPanel } from "../chat/panel";
