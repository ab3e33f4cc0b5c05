import type { Text } from "../model";

export const CONSENT_WORDS = {
  me: { ko: "내 정보", en: "Me" },
  consents: { ko: "동의", en: "Consents" },
  consentsNote: {
    ko: "모두 선택 사항입니다. 끄시면 바로 적용됩니다.",
    en: "All are optional. Off is off at once.",
  },
  location: { ko: "위치", en: "Location" },
  locationNote: {
    ko: "매장 안에서 내 비콘이 있는 구역을 알아봅니다. 끄면 바로 잊습니다.",
    en: "The store notices in which zone my beacon is. Off means forgotten, at once.",
  },
  advertising: { ko: "광고 수신", en: "Advertising" },
  advertisingNote: {
    ko: "가까운 상품의 쿠폰을 받습니다.",
    en: "I get coupons for what is near me.",
  },
  night_advertising: { ko: "야간 광고 수신", en: "Advertising at night" },
  night_advertisingNote: {
    ko: "밤에도 쿠폰을 받습니다. 광고 수신에 동의하신 동안에만 적용됩니다.",
    en: "I get coupons at night too, while I agree to advertising.",
  },
  lapsed: { ko: "동의 기간이 끝났습니다", en: "This consent has run out" },
  lapsedTitle: { ko: "동의를 다시 확인해 주세요", en: "Please tell us again" },
  lapsedHow: {
    ko: "동의 기간이 끝나 사용을 멈추었습니다. 원하시면 다시 동의해 주세요.",
    en: "A consent has run out, and its use has stopped. Agree again if you like.",
  },
  review: { ko: "확인하기", en: "Look at it" },
  fullText: { ko: "전문 보기", en: "Read the full text" },
  version: { ko: "버전", en: "version" },
  noTexts: { ko: "동의서를 불러오지 못했습니다", en: "The texts could not be loaded" },
  tryAgain: { ko: "다시 시도", en: "Try again" },

  seen: { ko: "매장이 내 위치를 알아봅니다", en: "The store sees where I am" },
  unseen: { ko: "위치를 알아보지 않습니다", en: "The store does not see where I am" },
  pausedNow: { ko: "일시 중지 중", en: "Paused" },
  pausedNote: {
    ko: "위치를 알아보지 않고 쿠폰도 드리지 않습니다.",
    en: "Not located, and offered nothing.",
  },
  pause: { ko: "일시 중지", en: "Pause" },
  resume: { ko: "재개", en: "Go on" },

  record: { ko: "나에 대한 기록", en: "What is held about me" },
  recordNote: {
    ko: "매장이 가진 내 기록을 모두 보고 내려받습니다.",
    en: "Read and download all that the store holds.",
  },
  leave: { ko: "탈퇴", en: "Leave altogether" },
  leaveNote: {
    ko: "내 정보를 모두 파기하고 확인서를 받습니다.",
    en: "Everything about me is destroyed; I get a receipt.",
  },
} satisfies Record<string, Text>;
