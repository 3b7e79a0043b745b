// What `later` fetches: for presenters, moderators and whoever opens the settings.

export { DataChoice } from "../stage/data_choice";
export { DeviceCheck } from "../stage/device_check";
export { deviceAdvice } from "../stage/device_words";
export { StageEntrance } from "../stage/invitation";
export { LimitReached } from "../stage/limit_reached";
export { LinkCheck } from "../stage/link_check";
export { PersonSheet } from "../stage/person_sheet";
export { lateWords, RunningLate } from "../stage/running_late";
export { HintChoice } from "../stage/screen_hint";
export { ScreenWaits } from "../stage/screen_waits";
export { SettingsSheet } from "../stage/settings_sheet";
