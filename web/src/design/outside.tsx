/** A page that joins by a code, before it has joined: what to do, and why the last try failed. */
import { useSpeech } from "../i18n";
import type { Text } from "../model";
import { Icon, Mark } from "./icons";
import "./outside.css";
import { Preferences } from "./preferences";

export function Outside(props: { title: Text; how: Text; refusal: Text | null }) {
  const { say } = useSpeech();
  return (
    <main class="outside" data-testid="outside">
      <header>
        <Preferences />
      </header>
      <div>
        <Mark size={64} />
        <h1>{say(props.title)}</h1>
        {props.refusal && (
          <p class="problem" role="alert">
            <Icon name="alert" /> {say(props.refusal)}
          </p>
        )}
        <p class="soft">{say(props.how)}</p>
      </div>
    </main>
  );
}
