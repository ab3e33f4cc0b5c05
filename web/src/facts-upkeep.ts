/** Sentences about the store's computer itself: its room, its database, its settings. */
import { ofOrder, type Sentence, word } from "./fact-words";
import { laneText } from "./lanes";
import type { Text } from "./model";

const NUMBER = new Intl.NumberFormat("en");

function facts(value: unknown): string {
  return typeof value === "number" ? NUMBER.format(value) : "–";
}

function rolledUp(lane: string): Sentence {
  const { ko, en } = laneText(lane);
  return (data) => ({
    ko: `공간이 부족해 ${ko} 사실 ${facts(data.facts)}건을 합계로 줄였습니다`,
    en: `Short of room: ${facts(data.facts)} ${en.toLowerCase()} facts became sums`,
  });
}

function dropped(lane: string): Sentence {
  const { ko, en } = laneText(lane);
  return (data) => ({
    ko: `공간이 부족해 ${ko} 사실 ${facts(data.facts)}건을 버렸습니다`,
    en: `Short of room: ${facts(data.facts)} ${en.toLowerCase()} facts were dropped`,
  });
}

const DISK: Record<string, Text> = {
  ok: { ko: "디스크 공간이 다시 충분합니다", en: "The disk has room again" },
  low: { ko: "디스크가 거의 찼습니다", en: "The disk is nearly full" },
  full: { ko: "디스크가 가득 찼습니다", en: "The disk is full" },
};

const RESTORED: Record<string, Text> = {
  backup: { ko: "백업에서 복원", en: "restored from a backup" },
  copied: { ko: "다른 곳에서 복사", en: "copied from elsewhere" },
  recovered: { ko: "손상 뒤 복구", en: "recovered after damage" },
  granted: { ko: "클라우드 기록과 다름", en: "not what the cloud knew" },
};

function settings(ko: string, en: string, why?: (data: Parameters<Sentence>[0]) => string): Sentence {
  return (data) => {
    const reason = why ? ` (${why(data)})` : "";
    const version = word(data.version);
    return { ko: `설정 ${version} ${ko}${reason}`, en: `Settings ${version} ${en}${reason}` };
  };
}

export const UPKEEP: Record<string, Sentence> = {
  "store.mirror.rolled_up.v1": rolledUp("mirror"),
  "store.mirror.dropped.v1": dropped("mirror"),
  "store.presence.rolled_up.v1": rolledUp("presence"),
  "store.presence.dropped.v1": dropped("presence"),
  "store.telemetry.rolled_up.v1": rolledUp("telemetry"),
  "store.telemetry.dropped.v1": dropped("telemetry"),
  "store.storage.disk_changed.v1": (data) => {
    const state = DISK[word(data.state)] ?? { ko: word(data.state), en: word(data.state) };
    const free = facts(data.free_mb);
    return { ko: `${state.ko} (${free} MB 남음)`, en: `${state.en} (${free} MB free)` };
  },
  "store.storage.recovered.v1": (data) => ({
    ko: `손상된 데이터베이스를 복구했습니다: ${word(data.found)}`,
    en: `A damaged database was recovered: ${word(data.found)}`,
  }),
  "store.database.restored.v1": (data) => {
    const why = RESTORED[word(data.reason)] ?? { ko: word(data.reason), en: word(data.reason) };
    return {
      ko: `매장 기록이 바뀌어 상품을 내어 드리지 않습니다 (${why.ko})`,
      en: `Nothing is handed over: the store’s records were ${why.en}`,
    };
  },
  "store.handover.resumed.v1": (data) =>
    data.by === "technician"
      ? {
          ko: `담당자 ${word(data.name)} 님이 상품 전달을 다시 시작했습니다`,
          en: `${word(data.name)} let the store hand over again`,
        }
      : {
          ko: "클라우드 확인을 마쳐 상품을 다시 내어 드립니다",
          en: "The cloud has said how orders stand: the store hands over again",
        },
  "store.fact.effect_dropped.v1": (data) => ({
    ko: `보류된 사실의 처리를 버렸습니다: ${word(data.flow)}`,
    en: `What ${word(data.flow)} should have done was let go`,
  }),
  "store.order.settled.v1": ofOrder(
    (o) => `주문 ${o}은 클라우드에서 이미 끝난 주문입니다`,
    (o) => `Order ${o} had ended, as the cloud knows`,
  ),
  "store.configuration.tried.v1": settings("시험을 시작했습니다", "are on trial"),
  "store.configuration.applied.v1": settings("적용했습니다", "hold"),
  "store.configuration.refused.v1": settings("거절했습니다", "were refused", (data) => word(data.reason)),
  "store.configuration.rolled_back.v1": settings("되돌렸습니다", "were given up", (data) => word(data.reason)),
};
