import { type Peer, post } from "../api";
import { Button, Deed } from "../design/button";
import { Icon } from "../design/icons";
import { useSpeech } from "../i18n";
import type { Me } from "../model";
import { CONSENT_WORDS as WORDS } from "./consent-words";

interface Props {
  me: Me;
  peer: Peer;
  onConsents(): void;
}

/** Whether the store sees where this person is, always in sight, and the one tap that stops it. */
export function Strip({ me, peer, onConsents }: Props) {
  const { say } = useSpeech();
  const located = me.consents.location && !me.paused;
  const pause = (paused: boolean) => post("/v1/me/pause", { paused }, peer);
  return (
    <>
      <section
        class={located ? "seen on" : "seen"}
        role="status"
        data-testid="seen"
        data-state={me.paused ? "paused" : located ? "located" : "off"}
      >
        <Icon name="pin" />
        <p>
          {say(me.paused ? WORDS.pausedNow : located ? WORDS.seen : WORDS.unseen)}
          {me.paused && <small>{say(WORDS.pausedNote)}</small>}
        </p>
        {me.paused ? (
          <Deed testid="resume" deed={() => pause(false)}>
            {say(WORDS.resume)}
          </Deed>
        ) : (
          located && (
            <Deed testid="pause" deed={() => pause(true)}>
              {say(WORDS.pause)}
            </Deed>
          )
        )}
      </section>
      {me.lapsed.length > 0 && (
        <section class="card ask-again" data-testid="lapsed">
          <Icon name="clock" />
          <div>
            <h3>{say(WORDS.lapsedTitle)}</h3>
            <p class="small soft">{say(WORDS.lapsedHow)}</p>
          </div>
          <Button onClick={onConsents}>{say(WORDS.review)}</Button>
        </section>
      )}
    </>
  );
}
