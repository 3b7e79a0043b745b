export { MediaConnection, type MediaOptions, type MediaState } from "./connection";
export {
  DeviceError,
  type DeviceProblem,
  type Devices,
  LevelMeter,
  listDevices,
  openCamera,
  openMicrophone,
  openScreen,
  type Screen,
} from "./devices";
export { expectedUplink, type Uplink } from "./encodings";
export type { Quality } from "./quality";
export { codeOf, type Offer, type Signal, type Source } from "./signal";
export { UplinkJudge } from "./uplink";
export type { Traffic } from "./wire_bytes";
