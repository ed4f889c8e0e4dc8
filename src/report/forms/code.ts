import { type Markup, markup } from '../../domain/markup.ts';

const monospace = "font-family:ui-monospace,Consolas,Menlo,'Courier New',monospace";

/** A text of ours as HTML, in which what stands between backticks is something to be typed. */
export function writeCode(text: string): readonly Markup[] {
  return text
    .split(/`([^`]*)`/)
    .map((part, index) =>
      index % 2 === 0
        ? markup`${part}`
        : markup`<code class="type" style="padding:1px 4px;background:#e4e9ee;color:#1d2329;border-radius:3px;${monospace};font-size:13px">${part}</code>`,
    );
}
