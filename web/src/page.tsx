/** What every page does first: styles, its root, its toasts. */
import type { ComponentChild } from "preact";
import { render } from "preact";
import "./design/tokens.css";
import "./design/base.css";
import "./design/parts.css";
import "./design/controls.css";
import "./design/frame.css";
import { Toasts } from "./design/toasts";

export function show(page: ComponentChild): void {
  const root = document.getElementById("page");
  if (!root) throw new Error("the document has no #page");
  document.documentElement.classList.toggle("framed", window !== window.parent);
  render(
    <>
      {page}
      <Toasts />
    </>,
    root,
  );
}
