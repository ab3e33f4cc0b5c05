import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon, type IconName, Mark } from "./icons";

export type Tone = "plain" | "good" | "warn" | "bad" | "info" | "offer" | "accent";

interface BadgeProps {
  tone?: Tone;
  /** A coloured point before the words; `pulse` when something is under way. */
  dot?: "still" | "pulse";
  testid?: string;
  children: ComponentChildren;
}

export function Badge({ tone = "plain", dot, testid, children }: BadgeProps) {
  return (
    <span class={`badge ${tone}`} data-testid={testid}>
      {dot && <span class={dot === "pulse" ? "dot pulse" : "dot"} />}
      {children}
    </span>
  );
}

interface CardProps {
  title?: ComponentChildren;
  /** For screen readers, of a card that shows no title. */
  label?: string;
  aside?: ComponentChildren;
  class?: string;
  testid?: string;
  children: ComponentChildren;
}

export function Card({ title, label, aside, class: extra = "", testid, children }: CardProps) {
  const heading = useId();
  return (
    <section
      class={`card ${extra}`}
      aria-labelledby={title ? heading : undefined}
      aria-label={label}
      data-testid={testid}
    >
      {title && (
        <header class="card-head">
          <h2 id={heading}>{title}</h2>
          {aside && <div class="aside">{aside}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

/** An area with nothing in it yet: says so, and what would bring something. */
export function Empty(props: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <Icon name={props.icon} size={30} />
      <strong>{props.title}</strong>
      {props.children && <p>{props.children}</p>}
    </div>
  );
}

export function Loading({ height }: { height: string }) {
  return <div class="skeleton" style={{ height }} aria-busy="true" />;
}

interface SwitchProps {
  on: boolean;
  title: string;
  note: string;
  busy?: boolean;
  testid?: string;
  onChange(on: boolean): void;
}

export function Switch({ on, title, note, busy = false, testid, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      class="switch"
      role="switch"
      aria-checked={on}
      disabled={busy}
      data-testid={testid}
      onClick={() => onChange(!on)}
    >
      <span class="words">
        {title}
        <small>{note}</small>
      </span>
      <span class="track" />
    </button>
  );
}

interface ChoiceProps<C extends string> {
  label: string;
  options: readonly { value: NoInfer<C>; text: string; testid?: string }[];
  value: C;
  onChange(value: NoInfer<C>): void;
}

export function Choice<C extends string>({ label, options, value, onChange }: ChoiceProps<C>) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          data-testid={option.testid}
          onClick={() => onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}

export function Field(props: { label: string; class?: string; children: ComponentChildren }) {
  return (
    <label class={`field ${props.class ?? ""}`}>
      <span class="label">{props.label}</span>
      {props.children}
    </label>
  );
}

interface BarProps {
  /** What stands behind the house's name: the store, or the page. */
  of?: string | undefined;
  middle?: ComponentChildren;
  end?: ComponentChildren;
}

export function Bar({ of, middle, end }: BarProps) {
  return (
    <header class="bar">
      <h1 class="brand">
        <Mark />
        <span>Aisle</span>
        {of && <span class="of">{of}</span>}
      </h1>
      {middle}
      <div class="end">{end}</div>
    </header>
  );
}
