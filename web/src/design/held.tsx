/** A restored store hands nothing over: said on top of the pages of whoever stands before customers. */
import { useSpeech } from "../i18n";
import type { HandoverView, LinkView, RestoredFrom, Text } from "../model";
import "./held.css";
import { Icon } from "./icons";

const WHY: Record<RestoredFrom, Text> = {
  backup: {
    ko: "매장 기록을 백업에서 복원했습니다.",
    en: "The store’s records were restored from a backup.",
  },
  copied: {
    ko: "매장 기록이 다른 곳에서 복사해 온 것입니다.",
    en: "The store’s records were copied here from elsewhere.",
  },
  recovered: {
    ko: "손상된 매장 기록을 읽을 수 있는 만큼 복구했습니다.",
    en: "The store’s records were damaged; what could be read was recovered.",
  },
  granted: {
    ko: "클라우드가 알던 기록과 매장 기록이 다릅니다.",
    en: "The cloud knows other records of this store than these.",
  },
};

const WORDS = {
  title: { ko: "지금은 상품을 내어 드릴 수 없습니다", en: "Nothing is handed over right now" },
  because: {
    ko: "이미 끝난 주문이 아직 열려 있는 것으로 보일 수 있습니다.",
    en: "An order that has ended may still look open here.",
  },
  soon: {
    ko: "클라우드가 주문 상태를 알려 주면 저절로 다시 시작합니다. 보통 몇 초면 됩니다.",
    en: "It goes on by itself once the cloud has said how the orders stand; that takes seconds.",
  },
  offline: {
    ko: "클라우드에 연결되면 주문 상태를 확인하고 저절로 다시 시작합니다. 급하면 담당자에게 알려 주세요. 담당자는 목록을 확인한 뒤 edge-agent restore --override로 풀 수 있습니다.",
    en: "It goes on by itself once the cloud is reached and has said how the orders stand. If it cannot wait, call your technician, who can check the list by hand and use edge-agent restore --override.",
  },
} satisfies Record<string, Text>;

interface Props {
  handover: HandoverView | undefined;
  link: LinkView | undefined;
}

export function Held({ handover, link }: Props) {
  const { say } = useSpeech();
  if (!handover || handover.held === null) return null;
  return (
    <section class="held" role="alert" data-testid="held" data-reason={handover.held}>
      <Icon name="lock" size={26} />
      <div>
        <h2>{say(WORDS.title)}</h2>
        <p>
          {say(WHY[handover.held])} {say(WORDS.because)}
        </p>
        <p>{say(link?.cloud === "online" ? WORDS.soon : WORDS.offline)}</p>
      </div>
    </section>
  );
}
