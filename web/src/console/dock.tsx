/** Another page, held beside the plan: a shopper's phone, or a mirror. */
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../design/button";
import { Icon } from "../design/icons";
import { useSpeech } from "../i18n";
import type { Text } from "../model";

export interface DockedPage {
  kind: "phone" | "mirror";
  title: Text;
  /** With a one-time join code in its fragment. */
  address: string;
}

export function Dock({ page, onClose }: { page: DockedPage; onClose(): void }) {
  const { say } = useSpeech();
  const frame = useRef<HTMLElement>(null);
  useEffect(() => frame.current?.scrollIntoView({ block: "nearest" }), [page.address]);
  return (
    <aside ref={frame} class={`dock ${page.kind}`} aria-label={say(page.title)} data-testid={`${page.kind}-frame`}>
      <header>
        <strong>{say(page.title)}</strong>
        <Button kind="quiet" label={say({ ko: "닫기", en: "Close" })} onClick={onClose}>
          <Icon name="close" />
        </Button>
      </header>
      <div class="device">
        <iframe key={page.address} src={page.address} title={say(page.title)} />
      </div>
    </aside>
  );
}
