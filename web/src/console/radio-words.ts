/** What the radio's codes mean, for people; `edge_agent/radio/watchdog.py` has the codes. */
import type { ReceiverKind, ReceiverState, Text } from "../model";

export const RECEIVER_STATES: Record<ReceiverState, Text> = {
  hearing: { ko: "수신 중", en: "hearing" },
  blind: { ko: "수신 불가", en: "blind" },
  starting: { ko: "시작 중", en: "starting" },
};

export const KINDS: Record<ReceiverKind, Text> = {
  bluez: { ko: "게이트웨이 어댑터", en: "adapter of the gateway" },
  omg: { ko: "OpenMQTTGateway", en: "OpenMQTTGateway" },
  espresense: { ko: "ESPresense", en: "ESPresense" },
  esphome: { ko: "ESPHome 프록시", en: "ESPHome proxy" },
  gateway: { ko: "다른 게이트웨이", en: "another gateway" },
};

const REASONS: Record<string, Text> = {
  silent: { ko: "아무 신호도 들리지 않습니다", en: "Nothing at all is heard" },
  deaf: {
    ko: "바로 옆 기준 비콘조차 들리지 않습니다",
    en: "Not even the reference beacon beside it is heard",
  },
  powered_off: { ko: "어댑터가 꺼져 있습니다", en: "The adapter is switched off" },
  unplugged: { ko: "어댑터가 뽑혀 있습니다. 다시 꽂아 주세요", en: "The adapter is not there: plug it in" },
  not_discovering: { ko: "스캔이 멈췄습니다", en: "Its scan has stopped" },
  bluetoothd_gone: { ko: "bluetoothd가 실행되고 있지 않습니다", en: "bluetoothd is not running" },
  no_answer: { ko: "응답이 없습니다", en: "It does not answer" },
  busy: { ko: "다른 작업 중이라며 스캔을 거부합니다", en: "It refuses to scan: busy" },
  refused: { ko: "스캔을 거부합니다", en: "It refuses to scan" },
  bus_lost: { ko: "D-Bus 연결이 끊겼습니다", en: "The D-Bus connection is lost" },
  broker_lost: { ko: "매장 브로커에 연결할 수 없습니다", en: "The store broker is not reached" },
  offline: {
    ko: "스스로 오프라인이라고 알렸습니다. 전원과 네트워크를 확인해 주세요",
    en: "It said goodbye: look at its power and network",
  },
  unreachable: { ko: "네트워크에서 찾을 수 없습니다", en: "It is not found on the network" },
  wrong_key: { ko: "키가 맞지 않습니다. 설정을 확인해 주세요", en: "Its key does not fit: look at the settings" },
  other_subscriber: {
    ko: "다른 프로그램이 이 프록시를 쓰고 있습니다. 그쪽을 먼저 끊어 주세요",
    en: "Another program is subscribed to this proxy: end that one first",
  },
};

const STEPS: Record<string, Text> = {
  new_scan: { ko: "새로 스캔", en: "a new scan" },
  power_cycle: { ko: "어댑터 껐다 켜기", en: "adapter off and on" },
  restart_bluetoothd: { ko: "bluetoothd 다시 시작", en: "restart of bluetoothd" },
  renew_bleak: { ko: "D-Bus 새로 연결", en: "a new D-Bus connection" },
};

interface Concern {
  what: Text;
  /** What somebody in the store can do about it. */
  remedy: Text;
}

const CONCERNS: Record<string, Concern> = {
  reference_silent: {
    what: { ko: "기준 비콘이 들리지 않습니다", en: "Its reference beacon is not heard" },
    remedy: {
      ko: "기준 비콘의 배터리와 수신기의 안테나를 확인해 주세요.",
      en: "Look at the beacon's battery and the receiver's antenna.",
    },
  },
  coarse_rssi: {
    what: { ko: "8dB 넘는 변화만 들어옵니다", en: "Only changes of 8 dB and more arrive" },
    remedy: {
      ko: "bluetooth.service를 다시 시작하고, 이 어댑터를 쓰는 다른 프로그램을 끝내 주세요. 시험된 BlueZ 버전인지도 확인해 주세요.",
      en: "Restart bluetooth.service, end other programs that scan on it, and see whether its BlueZ is one of the tried versions.",
    },
  },
};

const TROUBLES: Record<string, Text> = {
  "late report": { ko: "늦은 보고", en: "late reports" },
  "too late": { ko: "너무 늦어 버림", en: "too late to count" },
  "clock set": { ko: "시계 맞춤", en: "clock set" },
  "lost there": { ko: "그쪽에서 유실", en: "lost there" },
  "letters lost": { ko: "유실된 묶음", en: "letters lost" },
  "unknown receiver": { ko: "모르는 수신기", en: "unknown receiver" },
};

const PASSED_OVER: Record<string, Text> = {
  "not a beacon": { ko: "비콘 아님", en: "not a beacon" },
  malformed: { ko: "형식 오류", en: "malformed" },
  "vendor frame": { ko: "제조사 고유 프레임", en: "a maker's own frame" },
  "find hub tag": { ko: "분실물 태그", en: "lost-property tag" },
  "impossible rssi": { ko: "있을 수 없는 세기", en: "impossible strength" },
  "no packet": { ko: "내용 없는 보고", en: "report without a packet" },
  "retained message": { ko: "보관된 메시지", en: "retained message" },
  "unknown gateway": { ko: "모르는 게이트웨이", en: "unknown gateway" },
  "said again on another topic": { ko: "다른 토픽의 중복", en: "said again elsewhere" },
  "another transmitter of an enrolled identity": { ko: "등록된 비콘의 복제", en: "copy of an enrolled beacon" },
  "identifier of a stranger": { ko: "모르는 비콘", en: "a stranger's identifier" },
  "no rssi": { ko: "세기 없는 보고", en: "report without a strength" },
  "not JSON": { ko: "JSON 아님", en: "not JSON" },
  "too long": { ko: "너무 긴 보고", en: "too long a report" },
  "wrong field type": { ko: "항목 형식 오류", en: "wrong field type" },
  "other topic": { ko: "다른 토픽", en: "another topic" },
  "device absent": { ko: "떠난 기기 알림", en: "word of an absent device" },
  "plain text from an encrypted sensor": { ko: "암호화 센서의 평문", en: "plain text from an encrypted sensor" },
  "not by the sensor's key": { ko: "센서 키와 다름", en: "not by the sensor’s key" },
  replayed: { ko: "재전송된 기록", en: "replayed" },
};

function plain(code: string): Text {
  const text = code.replaceAll("_", " ");
  return { ko: text, en: text };
}

export function reasonText(reason: string): Text {
  return REASONS[reason] ?? plain(reason);
}

/** What is tried, and for which time; at the ladder's end, that a person is needed. */
export function stepText(step: string, attempt: number): Text {
  if (step === "given_up") {
    return {
      ko: "할 수 있는 것을 모두 해 보았습니다. 직접 확인해 주세요.",
      en: "All that helps by itself was tried: somebody must look at it.",
    };
  }
  const what = STEPS[step] ?? plain(step);
  return { ko: `시도 ${attempt}: ${what.ko}`, en: `Attempt ${attempt}: ${what.en}` };
}

export function concernOf(concern: string): Concern {
  return CONCERNS[concern] ?? { what: plain(concern), remedy: plain("") };
}

/** `recovery by <step>` is counted once per step. */
export function troubleText(trouble: string): Text {
  const step = /^recovery by (.+)$/.exec(trouble)?.[1];
  if (step === undefined) return TROUBLES[trouble] ?? plain(trouble);
  const what = STEPS[step] ?? plain(step);
  return { ko: `${what.ko}(으)로 복구`, en: `mended by ${what.en}` };
}

export function passedOverText(reason: string, format: string | null): Text {
  const what = PASSED_OVER[reason] ?? plain(reason);
  return format === null ? what : { ko: `${what.ko} · ${format}`, en: `${what.en} · ${format}` };
}
