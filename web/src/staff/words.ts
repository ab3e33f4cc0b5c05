import type { Text } from "../model";

export const WORDS = {
  title: { ko: "직원", en: "Staff" },
  orders: { ko: "주문", en: "Orders" },
  stock: { ko: "재고", en: "Stock" },
  arrivals: { ko: "지금 도착한 고객", en: "Here now" },
  nobody: { ko: "기다리는 고객이 없습니다", en: "Nobody is waiting" },
  noOrders: { ko: "없음", en: "None" },
  startPicking: { ko: "상품 준비 시작", en: "Start picking" },
  picked: { ko: "모두 담았습니다", en: "All in the bag" },
  intoLocker: { ko: "보관함에 넣기", en: "Put in a locker" },
  keepAtDesk: { ko: "데스크 보관", en: "Keep at desk" },
  handOver: { ko: "전달 확인", en: "Confirm handover" },
  takeOut: { ko: "문 열고 꺼내기", en: "Open and take out" },
  outOfService: { ko: "사용 중지된 보관함", en: "Doors out of service" },
  backInService: { ko: "다시 사용", en: "Back in service" },
  silent: { ko: "응답 없음", en: "silent" },
  putIn: {
    ko: "문이 열렸습니다. 상품을 넣고 문을 닫아 주세요.",
    en: "The door is open. Put the bag in and close it.",
  },
  inLocker: { ko: "고객이 패스로 직접 꺼냅니다.", en: "The customer opens it with the pass." },
  doorFailed: {
    ko: "열쇠로 문을 열어 상품을 전달한 뒤 확인해 주세요.",
    en: "Open the door with its key, give the bag over, then confirm.",
  },
  notPutAway: {
    ko: "아직 보관되지 않았습니다. 다시 보관함에 넣어 주세요. 고장 난 문 대신 다른 칸이 열립니다.",
    en: "Not put away yet. Put it in a locker again: in place of a door that failed, another compartment is taken.",
  },
  takeOutByKey: {
    ko: "취소된 주문이고 문이 열리지 않습니다. 열쇠로 열어 상품을 꺼내 주세요.",
    en: "Cancelled, and its door does not open. Open it with its key and take the goods out.",
  },
  search: { ko: "상품명, 사이즈, 바코드", en: "Name, size or barcode" },
  article: { ko: "상품", en: "Article" },
  size: { ko: "사이즈", en: "Size" },
  onHand: { ko: "보유", en: "On hand" },
  reserved: { ko: "예약", en: "Reserved" },
  available: { ko: "판매 가능", en: "Available" },
  nothingFound: { ko: "찾는 상품이 없습니다", en: "Nothing found" },
  blindAt: {
    ko: "이 구역의 도착을 놓칠 수 있습니다. 고객에게 직접 확인해 주세요:",
    en: "Arrivals may not be noticed here; ask the customer:",
  },
  diskFull: {
    ko: "매장 컴퓨터의 저장 공간이 가득 찼습니다. 요청이 거절될 수 있으니 담당자에게 알려 주세요.",
    en: "The store’s computer has no room left: requests may be refused. Please tell your technician.",
  },
  changeBattery: { ko: "배터리를 바꿀 비콘:", en: "Beacons whose battery is to be changed:" },
} satisfies Record<string, Text>;

/** A door was asked for, and nobody has seen it move. */
export function openingText(door: string): Text {
  return { ko: `${door} 문을 여는 중…`, en: `Opening ${door}…` };
}

export const COLUMNS = {
  pick: { ko: "준비할 주문", en: "To pick" },
  putAway: { ko: "보관할 주문", en: "To put away" },
  waiting: { ko: "픽업 대기", en: "Waiting for pickup" },
  over: { ko: "끝난 주문", en: "Done" },
} satisfies Record<string, Text>;

export const ARRIVED_BY: Record<"presence" | "button" | "pass", Text> = {
  presence: { ko: "픽업 구역에서 감지", en: "Noticed at pickup" },
  button: { ko: "‘도착했어요’를 누름", en: "Tapped “I’m here”" },
  pass: { ko: "패스를 제시함", en: "Showed the pass" },
};
