import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useSpeech } from "../i18n";
import { Button } from "./button";
import { Icon } from "./icons";

/** A dialog over the page; Escape, its cross and a click beside it close it. */
export function Sheet(props: { title: string; onClose(): void; children: ComponentChildren }) {
  const { say } = useSpeech();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-label={props.title}
      onClose={props.onClose}
      onClick={(click) => click.target === click.currentTarget && click.currentTarget.close()}
    >
      <header class="sheet-head">
        <h2>{props.title}</h2>
        <Button
          kind="quiet"
          label={say({ ko: "닫기", en: "Close" })}
          onClick={() => dialog.current?.close()}
        >
          <Icon name="close" />
        </Button>
      </header>
      <div class="sheet-body">{props.children}</div>
    </dialog>
  );
}
