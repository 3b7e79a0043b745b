// What `later` fetches: for presenters, moderators and whoever opens the settings.

export { fallBack } from "../stage/changing_devices";
export { DataChoice } from "../stage/data_choice";
export { DeviceCheck } from "../stage/device_check";
export { StageEntrance } from "../stage/invitation";
export { LimitReached } from "../stage/limit_reached";
export { limitText, limitWords } from "../stage/limit_words";
export { LinkCheck } from "../stage/link_check";
export { PersonSheet } from "../stage/person_sheet";
export { givenBackText, recordingText, stoppedText } from "../stage/room_news";
export { lateWords, RunningLate } from "../stage/running_late";
export { HintChoice } from "../stage/screen_hint";
export { ScreenWaits } from "../stage/screen_waits";
export { limitsOf, uplinkWords } from "../stage/sending";
export { SettingsSheet } from "../stage/settings_sheet";
export { watchSound } from "../stage/sound_watch";
export { StageActions } from "../stage/stage_actions";
