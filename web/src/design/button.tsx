import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Problem } from "../problem";
import { toast } from "./toasts";

export interface ButtonProps {
  children?: ComponentChildren;
  kind?: "plain" | "primary" | "danger" | "quiet";
  size?: "large";
  wide?: boolean;
  disabled?: boolean;
  /** The accessible name of a button that shows only an icon. */
  label?: string;
  pressed?: boolean;
  testid?: string;
  type?: "button" | "submit";
  busy?: boolean;
  onClick?: ((event: MouseEvent) => void) | undefined;
}

export function Button({ kind = "plain", size, wide, label, pressed, testid, ...rest }: ButtonProps) {
  const classes = ["button", kind, size, wide && "wide", label && "icon-only"];
  return (
    <button
      type={rest.type ?? "button"}
      class={classes.filter(Boolean).join(" ")}
      disabled={rest.disabled}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-busy={rest.busy}
      data-testid={testid}
      onClick={rest.busy ? undefined : rest.onClick}
    >
      {rest.children}
    </button>
  );
}

/** Runs a request; a refusal is shown as a toast, in the words of its problem. */
export function useAct(): { busy: boolean; act: (deed: () => Promise<unknown>) => Promise<void> } {
  const [busy, setBusy] = useState(false);
  const act = async (deed: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await deed();
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      toast(failure.detail, "bad");
    } finally {
      setBusy(false);
    }
  };
  return { busy, act };
}

/** A button whose click is a request. */
export function Deed({ deed, ...props }: ButtonProps & { deed: () => Promise<unknown> }) {
  const { busy, act } = useAct();
  return <Button {...props} busy={busy} onClick={() => void act(deed)} />;
}
