// People, hands, reactions, signals and the list of notifications.

export { NoticeList, Notices } from "../notices/list";
export { Around } from "../stage/around";
export { RoomMood } from "../stage/mood";
export { PeoplePanel } from "../stage/people_panel";
export { Reacting } from "../stage/reacting";
