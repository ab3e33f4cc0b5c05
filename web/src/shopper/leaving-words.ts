import type { Text } from "../model";

export const LEAVING_WORDS = {
  destroyedTitle: { ko: "지금 파기되는 것", en: "Destroyed now" },
  destroyed1: { ko: "비콘 등록과 모든 동의", en: "Your beacon’s registration and all consents" },
  destroyed2: { ko: "방문 기록과 쿠폰", en: "The record of your visits, and your coupons" },
  destroyed3: {
    ko: "고객님 전용 암호 키. 이 키로 잠근 기록은 매장과 서버 어디에서도 다시 열 수 없습니다.",
    en: "The key that is yours alone: what it sealed can be opened nowhere again, here or at the servers.",
  },
  destroyed4: { ko: "이 휴대폰의 매장 페이지", en: "The store’s page on this phone" },
  keptTitle: { ko: "남는 것", en: "What stays" },
  keptCoupons: {
    ko: "이미 사용한 쿠폰은 누구의 것인지 모르는 계산 기록으로 남습니다.",
    en: "Coupons that you used stay as the till’s record, nobody’s name on them.",
  },
  keptReceipt: {
    ko: "탈퇴한 시각과 지워진 키의 번호. 누구였는지는 확인서를 가진 고객님만 보일 수 있습니다.",
    en: "The time, and the number of the key that is gone. Only your receipt can show that it was you.",
  },
  offline: {
    ko: "인터넷이 끊겨 있어도 바로 적용됩니다. 되돌릴 수 없습니다.",
    en: "It is done at once, with the internet down too, and cannot be undone.",
  },
  back: { ko: "돌아가기", en: "Go back" },
  leave: { ko: "모두 파기하고 탈퇴", en: "Destroy it all and leave" },

  noReceipt: {
    ko: "탈퇴가 끝났습니다. 연결이 끊겨 확인서는 전해 드리지 못했습니다.",
    en: "You have left. The connection broke, and the receipt was lost with it.",
  },

  gone: { ko: "탈퇴가 끝났습니다", en: "You have left" },
  goneHow: {
    ko: "고객님에 대한 기록을 파기했습니다. 아래 확인서는 지금만 드릴 수 있으니 보관해 주세요. 매장에는 열어 볼 수 있는 사본이 없습니다.",
    en: "What was held about you is destroyed. Keep this receipt: the store has no copy that it can open, and cannot give it again.",
  },
  receipt: { ko: "파기 확인서", en: "Receipt" },
  receiptQr: { ko: "파기 확인서 QR 코드", en: "The receipt, a QR code" },
  yourNumber: { ko: "매장에서 쓰던 가명", en: "The store knew you as" },
  asText: { ko: "글자로 보기", en: "As text" },
  save: { ko: "내려받기", en: "Download" },
  verify: { ko: "확인해 보기", en: "Verify" },
  verified: { ko: "매장이 서명한 확인서가 맞습니다.", en: "Signed by the store, and unchanged." },
  yours: { ko: "고객님의 탈퇴에 대한 것입니다.", en: "It is about your leaving." },
  notYours: { ko: "다른 사람의 탈퇴에 대한 것입니다.", en: "It is about somebody else’s leaving." },
  done: { ko: "보관했습니다", en: "I have kept it" },
} satisfies Record<string, Text>;
