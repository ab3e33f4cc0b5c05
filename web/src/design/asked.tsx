import type { ComponentChildren } from "preact";
import { useSpeech } from "../i18n";
import type { Asked } from "../use-asked";
import { Button } from "./button";
import { Empty, Loading } from "./parts";

interface Props<A> {
  asked: Asked<A>;
  height: string;
  children(answer: A): ComponentChildren;
}

/** What was asked for, once it is there; else that it is under way, or why it failed. */
export function AskedFor<A>({ asked, height, children }: Props<A>) {
  const { say } = useSpeech();
  if (asked.state === "loading") return <Loading height={height} />;
  if (asked.state === "ready") return <>{children(asked.answer)}</>;
  return (
    <div role="alert">
      <Empty icon="alert" title={say(asked.problem.detail)} />
      <Button wide onClick={asked.again}>
        {say({ ko: "다시 시도", en: "Try again" })}
      </Button>
    </div>
  );
}
