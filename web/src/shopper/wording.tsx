import { Button } from "../design/button";
import { Icon } from "../design/icons";
import { Loading } from "../design/parts";
import { useSpeech } from "../i18n";
import type { Purpose } from "../model";
import { CONSENT_WORDS as WORDS } from "./consent-words";
import type { Asked, Texts } from "./texts";

/** The whole text of one consent, folded away until somebody wants to read it. */
export function FullText({ texts, purpose }: { texts: Texts; purpose: Purpose }) {
  const { say, language } = useSpeech();
  const { title, text } = texts.texts[purpose][language];
  return (
    <details class="full-text" data-testid={`text-${purpose}`}>
      <summary aria-label={`${say(WORDS.fullText)}: ${title}`}>
        {say(WORDS.fullText)}
        <span class="faint">
          {say(WORDS.version)} {texts.version}
        </span>
      </summary>
      <h4>{title}</h4>
      {text.split("\n").map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
    </details>
  );
}

/** Until the texts are here nobody can agree to them. */
export function NoTexts({ asked }: { asked: Asked }) {
  const { say } = useSpeech();
  if (!asked.failure) return <Loading height="240px" />;
  return (
    <div class="state" role="alert">
      <Icon name="alert" size={30} />
      <strong>{say(WORDS.noTexts)}</strong>
      <p>{say(asked.failure.detail)}</p>
      <Button onClick={() => void asked.ask()}>{say(WORDS.tryAgain)}</Button>
    </div>
  );
}
