/** What happened, newest first: the durable log of facts, as sentences. */
import { Icon } from "../design/icons";
import { Card, Empty, Loading } from "../design/parts";
import { SealMark } from "../design/seal";
import { factSentence, shortType } from "../facts";
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { ConsoleNames, FactView } from "../model";
import type { Names } from "../names";

function Fact({ fact, names }: { fact: FactView; names: Names }) {
  const { say, timeWithSeconds } = useSpeech();
  return (
    <li class="fact" data-testid="fact" data-type={fact.type}>
      <span class={`lane-dot ${fact.lane}`} />
      <div class="fact-words">
        <p>{say(factSentence(fact, names))}</p>
        <p class="small faint figures one-line">
          {timeWithSeconds(fact.time)} · {shortType(fact.type)} · {fact.lane} {fact.sequence}{" "}
          <SealMark seal={fact.seal} />
        </p>
      </div>
      <span
        class={fact.acknowledged ? "tick got" : "tick"}
        title={say(
          fact.acknowledged
            ? { ko: "허브가 저장했습니다", en: "The hub has it" }
            : { ko: "매장에 저장됨, 허브 확인 대기", en: "Kept in the store, not yet in the hub" },
        )}
        data-acknowledged={fact.acknowledged}
      >
        <Icon name={fact.acknowledged ? "check" : "clock"} size={15} />
      </span>
    </li>
  );
}

export function Feed({ live, names }: { live: Live<ConsoleNames>; names: Names }) {
  const { say } = useSpeech();
  const facts = useLatest(live, "facts")?.facts;
  return (
    <Card class="feed" title={say({ ko: "방금 일어난 일", en: "What just happened" })}>
      {!facts && <Loading height="200px" />}
      {facts?.length === 0 && (
        <Empty icon="clock" title={say({ ko: "아직 조용합니다", en: "Quiet so far" })} />
      )}
      <ol class="facts" tabindex={0} aria-label={say({ ko: "최근 사실", en: "Recent facts" })}>
        {facts?.map((fact) => (
          <Fact key={`${fact.position}`} fact={fact} names={names} />
        ))}
      </ol>
    </Card>
  );
}
