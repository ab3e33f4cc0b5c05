/** Facts that the hub could not take: why, since when, as they came, and what to do about each. */
import { post, remove } from "../api";
import { AskedFor } from "../design/asked";
import { Button } from "../design/button";
import { Icon } from "../design/icons";
import { KeptApart } from "../design/kept-apart";
import { Empty } from "../design/parts";
import { toast } from "../design/toasts";
import { shortType } from "../facts";
import { useSpeech } from "../i18n";
import { laneText } from "../lanes";
import type { HubStore, Quarantined } from "../model";
import { titleCase } from "../names";
import { useAsked } from "../use-asked";
import { CARE } from "./words-care";

/** How many lie there, over all stores. */
export function heldApart(stores: readonly HubStore[] | undefined): number {
  return stores?.reduce((sum, { quarantined }) => sum + quarantined, 0) ?? 0;
}

export function QuarantineButton({ held, onClick }: { held: number; onClick(): void }) {
  const { say, number } = useSpeech();
  return (
    <Button kind={held > 0 ? "plain" : "quiet"} testid="open-quarantine" onClick={onClick}>
      {held > 0 && <Icon name="alert" />} {say(CARE.quarantine)}
      <span class={held > 0 ? "badge warn figures" : "badge figures"}>{number(held)}</span>
    </Button>
  );
}

/** The list is asked for anew whenever `held` changes. */
export function Quarantine({ held }: { held: number }) {
  const { say } = useSpeech();
  const asked = useAsked<{ quarantine: Quarantined[] }>("/v1/quarantine", held);
  return (
    <>
      <p class="small soft">{say(CARE.quarantineHow)}</p>
      <AskedFor asked={asked} height="160px">
        {({ quarantine }) =>
          quarantine.length === 0 ? (
            <Empty icon="check" title={say(CARE.noQuarantine)}>
              {say(CARE.noQuarantineHow)}
            </Empty>
          ) : (
            <ul>
              {quarantine.map((fact) => (
                <Held key={`${fact.store}/${fact.id}`} fact={fact} />
              ))}
            </ul>
          )
        }
      </AskedFor>
    </>
  );
}

/** The type, when the fact can be read so far. */
function typeOf(raw: string): string | null {
  try {
    const { type } = JSON.parse(raw) as { type?: unknown };
    return typeof type === "string" ? shortType(type) : null;
  } catch {
    return null;
  }
}

function Held({ fact }: { fact: Quarantined }) {
  const { say } = useSpeech();
  const path = `/v1/quarantine/${encodeURIComponent(fact.store)}/${encodeURI(fact.id)}`;
  return (
    <KeptApart
      testid="quarantined"
      name={fact.id}
      what={typeOf(fact.raw) ?? fact.id}
      where={`${titleCase(fact.store)} · ${say(laneText(fact.lane))} ${fact.epoch}.${fact.sequence}`}
      reason={fact.reason}
      since={fact.at}
      loss={CARE.loss}
      again={async () => {
        await post(`${path}/again`);
        toast(CARE.driven);
      }}
      drop={async () => {
        await remove(path);
        toast(CARE.dropped);
      }}
    >
      <details class="raw small">
        <summary>{say(CARE.asItCame)}</summary>
        <pre class="code">{fact.raw}</pre>
      </details>
    </KeptApart>
  );
}
