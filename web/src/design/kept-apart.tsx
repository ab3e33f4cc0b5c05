/** Facts that were refused and wait for a person: in the store (parked) and at the hub (quarantine). */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useNow } from "../clock";
import { duration, useSpeech } from "../i18n";
import type { Text, Time } from "../model";
import { Button, Deed } from "./button";
import { Icon } from "./icons";
import "./kept-apart.css";

const WORDS = {
  again: { ko: "다시 처리", en: "Drive again" },
  drop: { ko: "버리기", en: "Let it go" },
  sure: { ko: "정말 버리기", en: "Yes, let it go" },
  keep: { ko: "그대로 두기", en: "Keep it" },
} satisfies Record<string, Text>;

interface Props {
  /** Its type, for people who know them. */
  what: string;
  where: string;
  reason: string;
  since: Time;
  /** What is lost with it. */
  loss: Text;
  again(): Promise<unknown>;
  drop(): Promise<unknown>;
  testid: string;
  name: string;
  children?: ComponentChildren;
}

export function KeptApart({ testid, name, ...fact }: Props) {
  const { say } = useSpeech();
  const [doubting, setDoubting] = useState(false);
  const age = duration(useNow() - Date.parse(fact.since));
  return (
    <li class="kept-apart" data-testid={testid} data-fact={name}>
      <p class="head">
        <strong class="code">{fact.what}</strong>
        <span class="small soft figures">{say({ ko: `${age.ko} 전`, en: `${age.en} ago` })}</span>
      </p>
      <p class="small soft where">{fact.where}</p>
      <p class="reason small">{fact.reason}</p>
      {fact.children}
      {doubting ? (
        <div class="doubt" role="group" aria-label={say(WORDS.drop)}>
          <p class="small">
            <Icon name="alert" size={16} /> {say(fact.loss)}
          </p>
          <div class="deeds">
            <Deed kind="danger" testid="drop-surely" deed={fact.drop}>
              {say(WORDS.sure)}
            </Deed>
            <Button onClick={() => setDoubting(false)}>{say(WORDS.keep)}</Button>
          </div>
        </div>
      ) : (
        <div class="deeds">
          <Deed kind="primary" testid="drive-again" deed={fact.again}>
            {say(WORDS.again)}
          </Deed>
          <Button kind="quiet" testid="drop" onClick={() => setDoubting(true)}>
            {say(WORDS.drop)}
          </Button>
        </div>
      )}
    </li>
  );
}
