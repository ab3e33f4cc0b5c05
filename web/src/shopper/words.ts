import type { Text } from "../model";

export const WORDS = {
  hello: { ko: "나의 매장", en: "My store" },
  coupons: { ko: "내 쿠폰", en: "My coupons" },
  orders: { ko: "내 주문", en: "My orders" },
  noCoupons: { ko: "아직 쿠폰이 없습니다", en: "No coupons yet" },
  noCouponsWhy: {
    ko: "매장을 둘러보세요. 곁에 있는 상품의 쿠폰이 여기에 나타납니다.",
    en: "Have a look around. Coupons for what is near you appear here.",
  },
  couponsOff: {
    ko: "‘내 정보’에서 위치와 광고 수신에 동의하면 가까운 상품의 쿠폰을 드립니다.",
    en: "Under “Me”, agree to location and advertising to get coupons for what is near.",
  },
  outside: { ko: "매장에서 참여하세요", en: "Join in the store" },
  outsideHow: {
    ko: "직원에게 요청하거나 매장의 QR 코드를 찍으면 이 페이지가 열립니다.",
    en: "Ask a member of staff, or scan the QR code in the store; it opens this page.",
  },
  showAtTill: { ko: "계산대에서 이 코드를 보여 주세요", en: "Show this code at the till" },
  off: { ko: "할인", en: "off" },
  redeemed: { ko: "사용한 쿠폰", en: "Redeemed" },
  expired: { ko: "기간이 지난 쿠폰", en: "Expired" },
  newCoupon: { ko: "새 쿠폰이 도착했습니다", en: "A coupon for you" },
  here: { ko: "도착했어요", en: "I’m here" },
  passHint: { ko: "보관함 화면이나 직원에게 보여 주세요", en: "Show this at the locker or to staff" },
  passLabel: { ko: "픽업 패스 QR 코드", en: "Pickup pass, a QR code" },
  known: { ko: "직원이 도착을 확인했습니다", en: "Staff know that you are here" },
  opening: { ko: "문을 여는 중입니다…", en: "Opening your door…" },
  open: { ko: "문이 열렸습니다. 상품을 꺼내고 문을 닫아 주세요", en: "Open. Take your things and close the door" },
  pausedCoupons: {
    ko: "일시 중지 중에는 쿠폰을 드리지 않습니다.",
    en: "While you pause no coupons are offered.",
  },
  locationOn: { ko: "위치 켜짐", en: "Location on" },
  locationOff: { ko: "위치 꺼짐", en: "Location off" },
  forgotten: { ko: "매장에 남은 정보가 없습니다", en: "The store knows nothing about you" },
} satisfies Record<string, Text>;
