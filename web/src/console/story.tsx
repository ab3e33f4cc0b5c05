/** The demo's guide: what has been seen, and what to try next. */
import { useSpeech } from "../i18n";
import { Icon } from "../design/icons";
import { type Simulator, useSimulated } from "./simulator";

export function Story({ simulator }: { simulator: Simulator }) {
  const { say } = useSpeech();
  const story = useSimulated(simulator, "story");
  if (!story || story.steps.length === 0) return null;
  const next = story.steps.find((step) => !step.done);
  const done = story.steps.filter((step) => step.done).length;
  return (
    <section class="story" aria-label={say(story.headline)} data-testid="story">
      <div class="story-words">
        <p class="headline" aria-hidden={!next}>
          {say(story.headline)}
        </p>
        <div class="next">
          <p aria-live="polite">{say(next?.text ?? story.headline)}</p>
          {story.steps.map((step) => (
            <p key={step.id} class="room" aria-hidden="true">
              {say(step.text)}
            </p>
          ))}
        </div>
      </div>
      <ol class="steps">
        {story.steps.map((step) => (
          <li
            key={step.id}
            class={step.done ? "done" : step === next ? "next" : ""}
            title={say(step.text)}
          >
            {step.done && <Icon name="check" size={14} />}
            <span class="unseen">{say(step.text)}</span>
          </li>
        ))}
      </ol>
      <span class="figures soft small">
        {done}/{story.steps.length}
      </span>
    </section>
  );
}
