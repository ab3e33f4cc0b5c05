/** Words of what an operator cares for: gateways, alarms, quarantine, settings. */
import type { ConfigurationState, GatewayState, Text } from "../model";

export const CARE = {
  gateways: { ko: "게이트웨이", en: "Gateways" },
  noGateways: { ko: "등록한 게이트웨이가 없습니다", en: "No gateways yet" },
  noGatewaysHow: {
    ko: "등록 코드를 만들어 매장 컴퓨터에서 edge-agent provision --claim으로 사용하세요.",
    en: "Make a claim, and spend it on the store’s computer with edge-agent provision --claim.",
  },
  noCa: { ko: "이 허브에는 인증 기관이 없습니다", en: "This hub has no CA" },
  noCaHow: {
    ko: "cloud-hub ca init을 실행하고 hub.toml에 ca를 적으면 게이트웨이에 인증서를 줄 수 있습니다.",
    en: "Run cloud-hub ca init and name the folder as ca in hub.toml; then gateways can be given certificates.",
  },
  makeClaim: { ko: "등록 코드 만들기", en: "Make a claim" },
  claimHow: {
    ko: "코드는 한 번만 보여 드리고, 한 번만 쓸 수 있습니다. 같은 게이트웨이의 이전 코드는 무효가 됩니다.",
    en: "The claim is shown once and good once. An earlier one of the same gateway no longer counts.",
  },
  gateway: { ko: "게이트웨이 이름", en: "Name of the gateway" },
  hours: { ko: "유효 시간", en: "Good for (hours)" },
  claim: { ko: "등록 코드", en: "Claim" },
  copy: { ko: "복사", en: "Copy" },
  copied: { ko: "복사했습니다.", en: "Copied." },
  notCopied: { ko: "복사하지 못했습니다. 직접 선택해 복사해 주세요.", en: "This could not be copied. Select it and copy it yourself." },
  shownOnce: {
    ko: "이 창을 닫으면 다시 볼 수 없습니다.",
    en: "Once this is closed nobody can see it again.",
  },
  spend: { ko: "매장 컴퓨터에서", en: "On the store’s computer" },
  done: { ko: "저장했습니다", en: "I have it" },
  overdue: { ko: "갱신 늦어짐", en: "Renewal overdue" },
  revoke: { ko: "폐기", en: "Revoke" },
  revokeHow: {
    ko: "이 게이트웨이는 곧바로 거절되고, 새 등록 코드로만 돌아올 수 있습니다. 그 매장은 그동안 클라우드 없이 영업합니다.",
    en: "It is refused from now on and comes back only with a new claim. Until then its store works without the cloud.",
  },
  reason: { ko: "사유", en: "Reason" },
  reasonHint: { ko: "예: 도난, 교체", en: "Stolen, replaced, …" },
  revokeNow: { ko: "폐기하기", en: "Revoke it" },
  revoked: { ko: "폐기했습니다.", en: "Revoked." },
  seen: { ko: "확인함", en: "Seen to" },
  cleared: { ko: "경보를 지웠습니다.", en: "The alarm is cleared." },
  quarantine: { ko: "격리된 사실", en: "Quarantine" },
  quarantineHow: {
    ko: "허브가 처리하지 못한 사실입니다. 매장은 이미 넘겼고 다른 사실은 기다리지 않습니다. 원인을 고친 뒤 다시 처리해 주세요.",
    en: "Facts that this hub could not take. The store has handed them over and nothing waits for them. Mend the cause, then drive them again.",
  },
  noQuarantine: { ko: "격리된 사실이 없습니다", en: "Nothing in quarantine" },
  noQuarantineHow: {
    ko: "처리하지 못한 사실은 사유와 함께 여기에 나타납니다.",
    en: "What the hub cannot take appears here, with its reason.",
  },
  driven: { ko: "다시 처리했습니다.", en: "Driven again: it went through." },
  dropped: { ko: "버렸습니다.", en: "Let go for good." },
  loss: {
    ko: "이 사실은 허브에서 영영 사라집니다. 매장도 더는 보내지 않습니다.",
    en: "The hub loses this fact for good; the store will not send it again.",
  },
  asItCame: { ko: "받은 그대로 보기", en: "As it came" },
  settings: { ko: "설정", en: "Settings" },
} satisfies Record<string, Text>;

export const GATEWAY_STATES: Record<GatewayState, Text> = {
  claimed: { ko: "등록 대기", en: "To be set up" },
  active: { ko: "사용 중", en: "Active" },
  expired: { ko: "인증서 만료", en: "Certificate ended" },
  revoked: { ko: "폐기됨", en: "Revoked" },
};

export const CONFIGURATION_STATES: Record<ConfigurationState, Text> = {
  published: { ko: "게시됨, 매장 응답 대기", en: "published, not yet answered" },
  tried: { ko: "시험 중", en: "on trial" },
  applied: { ko: "적용됨", en: "applied" },
  refused: { ko: "거절됨", en: "refused" },
  rolled_back: { ko: "되돌림", en: "rolled back" },
};

const ALARMS: Record<string, Text> = {
  cloned_gateway: {
    ko: "한 신원을 쓰는 컴퓨터가 둘 있습니다",
    en: "Two machines use one gateway’s identity",
  },
  second_gateway: {
    ko: "이끌지 않는 게이트웨이가 사실을 보냅니다",
    en: "A gateway that does not lead sends facts",
  },
  restored_database: {
    ko: "복원한 데이터베이스로 영업하고 있습니다",
    en: "The store runs on a restored database",
  },
};

export function alarmText(kind: string): Text {
  return ALARMS[kind] ?? { ko: kind, en: kind };
}
