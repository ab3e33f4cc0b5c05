import { useEffect, useState } from "preact/hooks";

/** An SVG that the server wrote, shown as an image of our own: inline it would be markup of others. */
export function Picture({ svg, label }: { svg: string; label: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [svg]);
  return url === undefined ? <span class="skeleton" /> : <img src={url} alt={label} />;
}
