/** What the cloud link panel says about the store's computer. */
import type { DiskView, GatewayView, LinkView, Text } from "../model";
import type { Tone } from "../design/parts";

export const CLOUD: Record<LinkView["cloud"], Text> = {
  online: { ko: "클라우드와 연결되어 있습니다", en: "In step with the cloud" },
  connecting: { ko: "클라우드에 연결하는 중입니다", en: "Connecting to the cloud" },
  offline: { ko: "클라우드 없이 영업 중입니다", en: "Open without the cloud" },
};

export const STANDS_BACK: Text = {
  ko: "클라우드가 이 게이트웨이를 받지 않습니다",
  en: "The cloud does not listen to this gateway",
};

export const COLUMNS = {
  lane: { ko: "레인", en: "Lane" },
  waiting: { ko: "대기", en: "Waiting" },
  oldest: { ko: "최장 대기", en: "Oldest" },
  rate: { ko: "초당", en: "Per s" },
  acknowledged: { ko: "전달", en: "In cloud" },
} satisfies Record<string, Text>;

/** Something that an engineer is called about. */
export interface Sign {
  id: string;
  tone: Extract<Tone, "bad" | "warn">;
  text: Text;
}

/** A certificate of 90 days is renewed when 30 are left; with fewer than these, renewing has failed for days. */
const OVERDUE_MS = 25 * 24 * 60 * 60 * 1000;

function diskSign(disk: DiskView): Sign[] {
  const free = { ko: `남은 공간 ${disk.free_mb ?? 0} MB`, en: `${disk.free_mb ?? 0} MB free` };
  if (disk.state === "ok") return [];
  if (disk.state === "low") {
    const text = {
      ko: `디스크가 거의 찼습니다 (${free.ko}). 위치와 측정은 합계만 남깁니다.`,
      en: `The disk is nearly full (${free.en}): of movements and readings only sums are kept.`,
    };
    return [{ id: "disk", tone: "warn", text }];
  }
  const text = {
    ko: `디스크가 가득 찼습니다 (${free.ko}). 요청을 거절할 수 있으니 공간을 비워 주세요.`,
    en: `The disk is full (${free.en}): requests may be refused. Free some space.`,
  };
  return [{ id: "disk", tone: "bad", text }];
}

function certificateSign(until: number, now: number): Sign[] {
  if (until - now > OVERDUE_MS) return [];
  const left = Math.max(0, Math.ceil((until - now) / 86_400_000));
  const over = until <= now;
  const text = over
    ? {
        ko: "게이트웨이 인증서가 만료되었습니다. 허브에 닿으면 갱신합니다.",
        en: "The gateway’s certificate has ended. It is renewed once the hub is reached.",
      }
    : {
        ko: `인증서 갱신이 늦어지고 있습니다. ${left}일 남았습니다.`,
        en: `The certificate should have been renewed; ${left} days are left.`,
      };
  return [{ id: "certificate", tone: over ? "bad" : "warn", text }];
}

function gatewaySigns(gateway: GatewayView, now: number): Sign[] {
  const signs: Sign[] = [];
  if (gateway.quarantined > 0) {
    const text = {
      ko: `허브가 처리하지 못해 격리한 사실 ${gateway.quarantined}건. 허브 페이지에서 확인해 주세요.`,
      en: `The hub could not take ${gateway.quarantined} of our facts and keeps them in quarantine: see the hub’s page.`,
    };
    signs.push({ id: "quarantined", tone: "warn", text });
  }
  if (gateway.clock === "unset") {
    const text = {
      ko: "시계가 맞춰지지 않았습니다. 맞춰질 때까지 아무것도 만료되지 않습니다.",
      en: "The clock was never set: nothing expires until it is.",
    };
    signs.push({ id: "clock", tone: "warn", text });
  }
  if (gateway.certificate_until !== null) {
    signs.push(...certificateSign(Date.parse(gateway.certificate_until), now));
  }
  return signs;
}

const FENCED: Sign = {
  id: "fenced",
  tone: "bad",
  text: {
    ko: "다른 게이트웨이가 이 매장을 이끌고 있습니다. 둘 중 하나를 꺼 주세요.",
    en: "Another gateway leads this store. Switch one of the two off.",
  },
};

/** What is wrong, the worst first; empty while all is well. */
export function signsOf(
  link: LinkView,
  disk: DiskView | undefined,
  gateway: GatewayView | undefined,
  now: number,
): Sign[] {
  const signs = [
    ...(link.fenced ? [FENCED] : []),
    ...(disk ? diskSign(disk) : []),
    ...(gateway ? gatewaySigns(gateway, now) : []),
  ];
  return [...signs.filter(({ tone }) => tone === "bad"), ...signs.filter(({ tone }) => tone === "warn")];
}

export const CLOCKS: Record<GatewayView["clock"], Text> = {
  synced: { ko: "시계 동기화됨", en: "clock synchronised" },
  saved: { ko: "시계 동기화 전", en: "clock not yet synchronised" },
  unset: { ko: "시계 미설정", en: "clock never set" },
};
