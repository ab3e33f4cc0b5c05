/** Facts that a flow has refused: why, since when, and a button to drive each again. */
import { useState } from "preact/hooks";
import { post } from "../api";
import { AskedFor } from "../design/asked";
import { Button } from "../design/button";
import { Icon } from "../design/icons";
import { KeptApart } from "../design/kept-apart";
import { Empty } from "../design/parts";
import { Sheet } from "../design/sheet";
import { toast } from "../design/toasts";
import { shortType } from "../facts";
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { ConsoleNames, Parked, Text } from "../model";
import { useAsked } from "../use-asked";

const WORDS = {
  title: { ko: "보류된 사실", en: "Parked facts" },
  what: {
    ko: "일어난 일은 기록되었지만 그에 따른 처리가 거절되었습니다. 원인을 고친 뒤 다시 처리해 주세요. 다른 일은 기다리지 않습니다.",
    en: "What happened is on record, but what should follow from it was refused. Mend the cause, then drive it again. Nothing else waits for it.",
  },
  none: { ko: "보류된 사실이 없습니다", en: "Nothing is parked" },
  noneHow: {
    ko: "처리가 거절되면 사유와 함께 여기에 나타납니다.",
    en: "What a flow refuses appears here, with its reason.",
  },
  driven: { ko: "다시 처리했습니다.", en: "Driven again: it went through." },
  dropped: { ko: "버렸고, 그 사실을 기록했습니다.", en: "Let go; that is on record." },
  loss: {
    ko: "이 사실에 따른 처리는 하지 않습니다. 사실 자체는 기록에 남습니다.",
    en: "What should have followed will not happen. The fact itself stays on record.",
  },
} satisfies Record<string, Text>;

export function ParkedFacts({ live }: { live: Live<ConsoleNames> }) {
  const { say, number } = useSpeech();
  const [open, setOpen] = useState(false);
  const parked = useLatest(live, "lanes")?.parked ?? 0;
  return (
    <>
      <Button kind={parked > 0 ? "plain" : "quiet"} testid="open-parked" onClick={() => setOpen(true)}>
        {parked > 0 && <Icon name="alert" size={18} />} {say(WORDS.title)}
        <span class={parked > 0 ? "badge warn figures" : "badge figures"}>{number(parked)}</span>
      </Button>
      {open && (
        <Sheet title={say(WORDS.title)} onClose={() => setOpen(false)}>
          <p class="small soft">{say(WORDS.what)}</p>
          <List revision={parked} />
        </Sheet>
      )}
    </>
  );
}

function List({ revision }: { revision: number }) {
  const { say } = useSpeech();
  const asked = useAsked<{ parked: Parked[] }>("/v1/parked", revision);
  return (
    <AskedFor asked={asked} height="160px">
      {({ parked }) =>
        parked.length === 0 ? (
          <Empty icon="check" title={say(WORDS.none)}>
            {say(WORDS.noneHow)}
          </Empty>
        ) : (
          <ul>
            {parked.map((fact) => (
              <ParkedFact key={`${fact.position}/${fact.flow}`} fact={fact} />
            ))}
          </ul>
        )
      }
    </AskedFor>
  );
}

function ParkedFact({ fact }: { fact: Parked }) {
  const { day } = useSpeech();
  const path = `/v1/parked/${fact.position}/${encodeURIComponent(fact.flow)}`;
  return (
    <KeptApart
      testid="parked"
      name={fact.fact}
      what={shortType(fact.type)}
      where={`${fact.flow} · ${fact.subject} · ${day(fact.time)}`}
      reason={fact.reason}
      since={fact.parked_at}
      loss={WORDS.loss}
      again={async () => {
        await post(`${path}/again`);
        toast(WORDS.driven);
      }}
      drop={async () => {
        await post(`${path}/drop`);
        toast(WORDS.dropped);
      }}
    />
  );
}
