import { useState } from "preact/hooks";
import { type Peer, post } from "../api";
import { Button, useAct } from "../design/button";
import { Mark } from "../design/icons";
import { Preferences } from "../design/preferences";
import { toast } from "../design/toasts";
import { useSpeech } from "../i18n";
import type { Purpose, Text } from "../model";
import { Problem } from "../problem";
import { Card } from "./card";
import { CONSENT_WORDS } from "./consent-words";
import { JOIN_WORDS as WORDS } from "./join-words";
import { PURPOSES, type Texts, useTexts } from "./texts";
import { FullText, NoTexts } from "./wording";

/** Nothing is ticked before the person ticks it. */
const NOTHING: Record<Purpose, boolean> = {
  location: false,
  advertising: false,
  night_advertising: false,
};

interface Props {
  peer: Peer;
  onJoined(): void;
  /** The invitation is over. */
  onRefused(why: Text): void;
}

/** Where somebody who was invited reads what is asked, and answers on their own phone. */
export function Join({ peer, onJoined, onRefused }: Props) {
  const { say, language } = useSpeech();
  const asked = useTexts();
  const { texts } = asked;
  const { busy, act } = useAct();
  const [consents, setConsents] = useState(NOTHING);
  const [beacon, setBeacon] = useState<string | null>("");
  const join = async () => {
    const text_version = texts?.version;
    try {
      await post("/v1/enrolment", { beacon, language, consents, text_version }, peer);
      toast(WORDS.joined);
      onJoined();
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      if (failure.code === "already_joined") return onJoined();
      if (failure.status === 401) return onRefused(failure.detail);
      if (failure.code === "text_outdated") {
        setConsents(NOTHING);
        void asked.ask();
      }
      throw failure;
    }
  };
  const none = !Object.values(consents).includes(true);
  return (
    <main class="shopper joining" data-testid="joining">
      <header>
        <Mark size={30} />
        <span class="preferences">
          <Preferences />
        </span>
      </header>
      <div>
        <h1>{say(WORDS.welcome)}</h1>
        <p class="soft">{say(WORDS.choose)}</p>
      </div>
      {!texts && <NoTexts asked={asked} />}
      {texts && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void act(join);
          }}
        >
          <section class="card questions" aria-label={say(CONSENT_WORDS.consents)}>
            <ul class="rows">
              {PURPOSES.map((purpose) => (
                <li key={purpose}>
                  <Question
                    purpose={purpose}
                    texts={texts}
                    given={consents[purpose]}
                    onAnswer={(given) => setConsents({ ...consents, [purpose]: given })}
                  />
                </li>
              ))}
            </ul>
          </section>
          <Card beacon={beacon} onBeacon={setBeacon} />
          <Button kind="primary" size="large" wide type="submit" testid="join" busy={busy}>
            {say(none ? WORDS.joinNothing : WORDS.join)}
          </Button>
          <p class="small soft">
            {say(WORDS.later)} {say(WORDS.age)}
          </p>
        </form>
      )}
    </main>
  );
}

interface QuestionProps {
  purpose: Purpose;
  texts: Texts;
  given: boolean;
  onAnswer(given: boolean): void;
}

function Question({ purpose, texts, given, onAnswer }: QuestionProps) {
  const { language } = useSpeech();
  const { title, summary } = texts.texts[purpose][language];
  return (
    <>
      <label class="question">
        <input
          type="checkbox"
          checked={given}
          data-testid={`agree-${purpose}`}
          onChange={(event) => onAnswer(event.currentTarget.checked)}
        />
        <span class="words">
          {title}
          <small>{summary}</small>
        </span>
      </label>
      <FullText texts={texts} purpose={purpose} />
    </>
  );
}
