/** Each fact of the wire as a sentence: what happened, for somebody who runs a shop. */
import type { Seal, Text } from "./model";
import { type Data, ofOrder, type Sentence, seconds, word } from "./fact-words";
import { UPKEEP } from "./facts-upkeep";
import { mirrorText, type Names } from "./names";

/** A sentence about one shopper in one zone. */
function inZone(ko: (who: string, zone: string) => string, en: (who: string, zone: string) => string): Sentence {
  return (data, names) => {
    const who = names.shopper(data.shopper);
    const zone = names.zone(data.zone);
    return { ko: ko(who.ko, zone.ko), en: en(who.en, zone.en) };
  };
}

function ofShopper(ko: (who: string) => string, en: (who: string) => string): Sentence {
  return (data, names) => {
    const who = names.shopper(data.shopper);
    return { ko: ko(who.ko), en: en(who.en) };
  };
}

/** `A-7`: bank and compartment, as written on the door. */
function door(data: Data): string {
  return `${word(data.bank)}-${word(data.compartment)}`;
}

function mirror(data: Data): Text {
  return mirrorText(word(data.mirror));
}

const PURPOSES: Record<string, Text> = {
  location: { ko: "위치 이용", en: "location" },
  advertising: { ko: "광고 수신", en: "advertising" },
  night_advertising: { ko: "야간 광고 수신", en: "advertising at night" },
};

function consent(ko: string, en: string): Sentence {
  return (data, names) => {
    const who = names.shopper(data.shopper);
    const purpose = PURPOSES[word(data.purpose)] ?? { ko: word(data.purpose), en: word(data.purpose) };
    return { ko: `${who.ko} · ${purpose.ko} ${ko}`, en: `${who.en} ${en} ${purpose.en}` };
  };
}

/** One receiver's silence is its own fault; everybody's is the beacon's. */
function silentText(beacon: string, receiver: unknown): Text {
  return receiver === "" || receiver == null
    ? { ko: `기준 비콘 ${beacon}이(가) 어디서도 들리지 않습니다`, en: `Reference beacon ${beacon} is heard nowhere` }
    : {
        ko: `수신기 ${word(receiver)}가 기준 비콘 ${beacon}을(를) 듣지 못합니다`,
        en: `Receiver ${word(receiver)} no longer hears reference beacon ${beacon}`,
      };
}

function readingText(data: Data): string {
  const parts: [unknown, string][] = [
    [data.temperature_c, "°C"],
    [data.humidity_percent, "%"],
    [data.battery_v, "V"],
  ];
  return parts.flatMap(([value, of]) => (value == null ? [] : [`${word(value)} ${of}`])).join(", ") || "–";
}

const SENTENCES: Record<string, Sentence> = {
  ...UPKEEP,
  "store.presence.store_entered.v1": ofShopper(
    (who) => `${who} 님이 매장에 들어왔습니다`,
    (who) => `${who} came in`,
  ),
  "store.presence.store_left.v1": ofShopper(
    (who) => `${who} 님이 매장을 나갔습니다`,
    (who) => `${who} left the store`,
  ),
  "store.presence.zone_entered.v1": inZone(
    (who, zone) => `${who} 님이 ${zone}에 있습니다`,
    (who, zone) => `${who} is at ${zone}`,
  ),
  "store.presence.zone_dwelled.v1": inZone(
    (who, zone) => `${who} 님이 ${zone}에 머무르고 있습니다`,
    (who, zone) => `${who} is staying at ${zone}`,
  ),
  "store.presence.zone_left.v1": inZone(
    (who, zone) => `${who} 님이 ${zone}에서 떠났습니다`,
    (who, zone) => `${who} moved on from ${zone}`,
  ),
  "store.presence.receiver_blind.v1": (data) => ({
    ko: `수신기 ${word(data.receiver)}가 아무것도 듣지 못합니다`,
    en: `Receiver ${word(data.receiver)} hears nothing`,
  }),
  "store.presence.receiver_recovered.v1": (data) => ({
    ko: `수신기 ${word(data.receiver)}가 다시 듣습니다`,
    en: `Receiver ${word(data.receiver)} hears again`,
  }),
  "store.presence.zone_unknown.v1": (data, names) => {
    const zone = names.zone(data.zone);
    return {
      ko: `${zone.ko}에 누가 있는지 알 수 없습니다`,
      en: `Nobody can tell who is at ${zone.en}`,
    };
  },
  "store.presence.zone_known.v1": (data, names) => {
    const zone = names.zone(data.zone);
    const unknown = seconds(data.unknown_s);
    return {
      ko: `${zone.ko}을(를) 다시 알 수 있습니다 (${unknown.ko} 만에)`,
      en: `${zone.en} is known again after ${unknown.en}`,
    };
  },
  "store.presence.zone_counted.v1": (data, names) => {
    const zone = names.zone(data.zone);
    const least = word(data.at_least);
    return data.shoppers == null
      ? { ko: `${zone.ko}: 한 시간 동안 ${least}명 미만`, en: `${zone.en}: fewer than ${least} within the hour` }
      : { ko: `${zone.ko}: 한 시간 동안 ${word(data.shoppers)}명`, en: `${zone.en}: ${word(data.shoppers)} within the hour` };
  },
  "store.beacons.reference_silent.v1": (data) => silentText(word(data.beacon), data.receiver),
  "store.beacons.reference_heard.v1": (data) => ({
    ko: `기준 비콘 ${word(data.beacon)}이(가) 다시 들립니다`,
    en: `Reference beacon ${word(data.beacon)} is heard again`,
  }),
  "store.beacons.receiver_drifted.v1": (data) =>
    data.drifted === true
      ? {
          ko: `수신기 ${word(data.receiver)}의 세기가 평소와 ${word(data.drift_db)}dB 다릅니다`,
          en: `Receiver ${word(data.receiver)} hears ${word(data.drift_db)} dB from usual`,
        }
      : {
          ko: `수신기 ${word(data.receiver)}의 세기가 평소대로입니다`,
          en: `Receiver ${word(data.receiver)} hears as usual again`,
        },
  "store.beacons.sensor_read.v1": (data) => ({
    ko: `센서 ${word(data.beacon)}: ${readingText(data)}`,
    en: `Sensor ${word(data.beacon)}: ${readingText(data)}`,
  }),
  "store.beacons.battery_low.v1": (data) => ({
    ko: `비콘 ${word(data.beacon)}의 배터리를 바꿔야 합니다`,
    en: `The battery of ${word(data.beacon)} is to be changed`,
  }),
  "store.beacons.battery_changed.v1": (data) => ({
    ko: `비콘 ${word(data.beacon)}의 배터리를 바꿨습니다`,
    en: `${word(data.beacon)} has a good battery again`,
  }),
  "store.beacons.asset_moved.v1": (data, names) => {
    const thing = word(data.beacon);
    if (data.zone == null) return { ko: `${thing}이(가) 구역 밖에 있습니다`, en: `${thing} is outside all zones` };
    const zone = names.zone(data.zone);
    return { ko: `${thing}이(가) ${zone.ko}에 있습니다`, en: `${thing} is at ${zone.en}` };
  },
  "store.coupon.offered.v1": inZone(
    (who, zone) => `${who} 님에게 ${zone} 쿠폰을 드렸습니다`,
    (who, zone) => `${who} was offered a coupon at ${zone}`,
  ),
  "store.coupon.redeemed.v1": ofShopper(
    (who) => `${who} 님이 쿠폰을 사용했습니다`,
    (who) => `${who} redeemed a coupon`,
  ),
  "store.order.accepted.v1": ofOrder((o) => `주문 ${o} 접수`, (o) => `Order ${o} accepted`),
  "store.order.rejected.v1": ofOrder((o) => `주문 ${o} 거절`, (o) => `Order ${o} rejected`),
  "store.order.cancelled.v1": ofOrder((o) => `주문 ${o} 취소`, (o) => `Order ${o} cancelled`),
  "store.order.cancel_refused.v1": ofOrder(
    (o) => `주문 ${o}은 이제 취소할 수 없습니다`,
    (o) => `Order ${o} can no longer be cancelled`,
  ),
  "store.command.unsupported.v1": (data) => ({
    ko: `알 수 없는 명령 ${word(data.type)}`,
    en: `Unknown command ${word(data.type)}`,
  }),
  "store.pickup.picking_started.v1": ofOrder(
    (o) => `주문 ${o} 상품을 모으기 시작했습니다`,
    (o) => `Picking of ${o} has begun`,
  ),
  "store.pickup.picked.v1": ofOrder(
    (o) => `주문 ${o} 상품을 모두 담았습니다`,
    (o) => `${o} is in the bag`,
  ),
  "store.pickup.ready.v1": (data) =>
    data.bank == null
      ? { ko: `주문 ${word(data.order)} 데스크에서 대기`, en: `${word(data.order)} waits at the desk` }
      : { ko: `주문 ${word(data.order)} 보관함 ${door(data)}에서 대기`, en: `${word(data.order)} waits in locker ${door(data)}` },
  "store.pickup.arrived.v1": ofOrder(
    (o) => `주문 ${o} 고객이 도착했습니다`,
    (o) => `The customer of ${o} is here`,
  ),
  "store.pickup.verified.v1": ofOrder(
    (o) => `주문 ${o} 픽업 패스를 확인했습니다`,
    (o) => `The pass of ${o} is good`,
  ),
  "store.pickup.door_opened.v1": (data) => ({
    ko: `보관함 ${door(data)} 문이 열렸습니다`,
    en: `Door ${door(data)} opened for ${word(data.order)}`,
  }),
  "store.pickup.opening_failed.v1": (data) => ({
    ko: `보관함 ${door(data)} 문이 열리지 않았습니다`,
    en: `Door ${door(data)} did not open for ${word(data.order)}`,
  }),
  "store.pickup.collected.v1": ofOrder(
    (o) => `주문 ${o} 수령 완료`,
    (o) => `${o} was handed over`,
  ),
  "store.locker.opened_unasked.v1": (data) => ({
    ko: `보관함 ${door(data)} 문이 명령 없이 열렸습니다`,
    en: `Door ${door(data)} opened by itself`,
  }),
  "store.shoppers.enrolled.v1": ofShopper(
    (who) => `${who} 님이 가입했습니다`,
    (who) => `${who} joined`,
  ),
  "store.shoppers.consent_given.v1": consent("동의", "agreed to"),
  "store.shoppers.consent_withdrawn.v1": consent("동의 철회", "withdrew"),
  "store.shoppers.consent_lapsed.v1": consent("동의 만료", "no longer agrees, for time has passed, to"),
  "store.shoppers.paused.v1": ofShopper(
    (who) => `${who} 님이 일시 중지했습니다`,
    (who) => `${who} paused`,
  ),
  "store.shoppers.resumed.v1": ofShopper(
    (who) => `${who} 님이 다시 시작했습니다`,
    (who) => `${who} resumed`,
  ),
  "store.shoppers.left.v1": () => ({
    ko: "고객 한 명이 탈퇴했고 그 열쇠를 파기했습니다",
    en: "Somebody left altogether; their key is destroyed",
  }),
  "store.stock.changed.v1": (data, names) => {
    const article = names.article(data.gtin);
    const left = word(data.on_hand);
    return { ko: `${article.ko} 재고 ${left}개`, en: `${article.en}: ${left} in stock` };
  },
  "store.mirror.session_started.v1": (data) => ({
    ko: `${mirror(data).ko}가 켜졌습니다`,
    en: `${mirror(data).en} woke up`,
  }),
  "store.mirror.item_shown.v1": (data, names) => {
    const article = names.article(data.gtin);
    return {
      ko: `미러가 ${article.ko}의 사이즈를 보여 줍니다`,
      en: `The mirror shows sizes of ${article.en}`,
    };
  },
  "store.mirror.offer_shown.v1": (data) => ({
    ko: `${mirror(data).ko}에 쿠폰이 표시되었습니다`,
    en: `${mirror(data).en} shows the coupon`,
  }),
  "store.mirror.session_ended.v1": (data) => ({
    ko: `${mirror(data).ko}가 화면을 지웠습니다`,
    en: `${mirror(data).en} wiped its screen`,
  }),
  "store.device.silent.v1": (data) => ({
    ko: `장치 ${word(data.device)} 응답 없음`,
    en: `${word(data.device)} fell silent`,
  }),
  "store.device.present.v1": (data) => ({
    ko: `장치 ${word(data.device)} 응답`,
    en: `${word(data.device)} is here`,
  }),
  "store.link.restored.v1": (data) => {
    const outage = seconds(data.outage_s);
    return { ko: `클라우드 복구 (${outage.ko} 중단)`, en: `The cloud is back after ${outage.en}` };
  },
};

const SEALED: Text = { ko: "키가 없는 고객에 관한 봉인된 기록", en: "Something sealed, about somebody whose key is not here" };

/** A type that this page does not know stands for itself; of what is closed only that it is. */
export function factSentence(fact: { type: string; data: Data; seal: Seal }, names: Names): Text {
  if (fact.seal === "closed") return SEALED;
  return SENTENCES[fact.type]?.(fact.data, names) ?? { ko: fact.type, en: fact.type };
}

/** `store.pickup.door_opened.v1` without its frame, for the small print. */
export function shortType(type: string): string {
  return type.replace(/^store\./, "").replace(/\.v\d+$/, "");
}
