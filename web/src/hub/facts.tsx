import { useState } from "preact/hooks";
import { Card, Choice, Empty, Loading } from "../design/parts";
import { SealMark } from "../design/seal";
import { factSentence, shortType } from "../facts";
import { useSpeech } from "../i18n";
import { LANES, laneText } from "../lanes";
import type { HubFact } from "../model";
import { type Names, titleCase } from "../names";
import { WORDS } from "./words";

const ALL = "all";

export function Facts({ facts, names }: { facts: HubFact[] | undefined; names: Names }) {
  const { say, timeWithSeconds } = useSpeech();
  const [lane, setLane] = useState<string>(ALL);
  const shown = facts?.filter((fact) => lane === ALL || fact.lane === lane);
  const options = [
    { value: ALL, text: say(WORDS.allLanes) },
    ...Object.keys(LANES).map((value) => ({ value, text: say(laneText(value)), testid: `lane-${value}` })),
  ];
  return (
    <Card title={say(WORDS.facts)} class="facts-card">
      <div class="lane-choice">
        <Choice label={say(WORDS.facts)} options={options} value={lane} onChange={setLane} />
      </div>
      {!shown && <Loading height="240px" />}
      {shown?.length === 0 && <Empty icon="clock" title={say(WORDS.noFacts)} />}
      <ol class="facts" tabindex={0} aria-label={say(WORDS.facts)}>
        {shown?.map((fact) => (
          <li
            key={`${fact.store}/${fact.epoch}/${fact.lane}/${fact.sequence}`}
            class="fact"
            data-testid="fact"
            data-type={fact.type}
          >
            <span class={`lane-dot ${fact.lane}`} />
            <div class="fact-words">
              <p>{say(factSentence(fact, names))}</p>
              <p class="small faint figures one-line">
                {timeWithSeconds(fact.time)} · {titleCase(fact.store)} · {shortType(fact.type)} · {fact.epoch}.
                {fact.sequence} <SealMark seal={fact.seal} />
              </p>
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}
