import type { Text } from "../model";

export const RECORD_WORDS = {
  nothingElse: {
    ko: "매장이 고객님에 대해 가진 전부입니다. 좌표는 저장하지 않습니다.",
    en: "This is all that the store holds about you. Coordinates are not stored.",
  },
  save: { ko: "파일로 내려받기", en: "Download as a file" },
  none: { ko: "없음", en: "None" },
  about: { ko: "등록", en: "You" },
  pseudonym: { ko: "가명", en: "Known as" },
  beacon: { ko: "비콘", en: "Beacon" },
  consents: { ko: "동의 내역", en: "Consents" },
  visits: { ko: "방문 (시간대별 구역 출입 횟수)", en: "Visits: how often a zone was entered in an hour" },
  offers: { ko: "쿠폰", en: "Coupons" },
  orders: { ko: "주문", en: "Orders" },
} satisfies Record<string, Text>;

export const ORIGINS: Record<"desk" | "page" | "cloud", Text> = {
  desk: { ko: "직원이 등록", en: "written down by staff" },
  page: { ko: "이 페이지에서 직접 등록", en: "joined on this page" },
  cloud: { ko: "앱에서 등록", en: "joined in the app" },
};

export const ENDED: Record<"withdrawn" | "lapsed" | "renewed", Text> = {
  withdrawn: { ko: "철회", en: "withdrawn" },
  lapsed: { ko: "기간 만료", en: "ran out" },
  renewed: { ko: "새 동의로 바뀜", en: "renewed" },
};
