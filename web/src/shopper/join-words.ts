import type { Text } from "../model";

export const JOIN_WORDS = {
  welcome: { ko: "환영합니다", en: "Welcome" },
  choose: {
    ko: "무엇에 동의하실지 직접 골라 주세요. 모두 선택 사항이고, 동의하지 않으셔도 매장을 그대로 이용하실 수 있습니다.",
    en: "Choose for yourself what you agree to. All of it is optional, and without it the store serves you as before.",
  },
  later: {
    ko: "나중에 이 페이지의 ‘내 정보’에서 언제든지 바꾸거나 탈퇴하실 수 있습니다.",
    en: "Change it at any time under “Me” on this page, or leave altogether.",
  },
  card: { ko: "비콘 카드", en: "Your beacon card" },
  withCard: { ko: "카드가 있습니다", en: "I have a card" },
  withoutCard: { ko: "카드 없이", en: "Without a card" },
  withoutCardHow: {
    ko: "픽업 주문과 픽업 패스를 이 휴대폰에서 보실 수 있습니다. 자동 도착 확인과 자리에 맞는 쿠폰에는 카드가 필요합니다.",
    en: "You see your orders and passes on this phone. Being noticed when you arrive, and coupons for what is near, need a card.",
  },
  cardCode: { ko: "카드에 적힌 코드", en: "The code on the card" },
  cardExample: { ko: "ibeacon:…:1:7", en: "ibeacon:…:1:7" },
  notACard: { ko: "카드의 코드가 아닙니다.", en: "This is not the code of a card." },
  scan: { ko: "카메라로 찍기", en: "Scan it" },
  scanning: { ko: "카드의 QR 코드를 비춰 주세요", en: "Hold the card’s QR code before the camera" },
  noCamera: {
    ko: "카메라를 사용할 수 없습니다. 코드를 직접 입력해 주세요.",
    en: "The camera cannot be used. Please type the code.",
  },
  age: { ko: "만 14세 미만은 등록하실 수 없습니다.", en: "Under the age of 14 nobody can register." },
  join: { ko: "등록하기", en: "Join" },
  joinNothing: { ko: "동의 없이 등록하기", en: "Join without any consent" },
  joined: { ko: "등록했습니다", en: "You have joined" },
} satisfies Record<string, Text>;
